Feature: Files that are refused
  A file is judged by what it is, and a refused file leaves no trace.

  @ING-1
  Scenario: An upload brings exactly one file
    Given an artist with 2 pictures
    When uploads with no file, an empty one and two at once are tried
    Then each is refused for what it lacks or has too much of
    And none of them left anything behind

  @ING-2
  Scenario: Three types of picture are taken
    Given an artist
    When the "taken" files are tried
    Then each of the three types is accepted

  @ING-2
  Scenario: Nothing else is taken, and no other label
    Given an artist with 2 pictures
    When the "other-types", "relabelled" and "undeclared" files are tried
    Then every one is refused because its type is not taken
    And none of them left anything behind

  @ING-3
  Scenario: A file that is not what it is declared as is refused
    Given an artist with 2 pictures
    When the "mislabelled" files are tried
    Then every one is refused because it is not what it is declared as
    And none of them left anything behind

  @ING-3
  Scenario: A picture is judged by its bytes and not by its name
    Given an artist
    When the "misnamed" files are tried
    Then every one is accepted for what it is

  @ING-12
  Scenario: A truncated or corrupt picture is refused
    Given an artist with 2 pictures
    When the "damaged" files are tried
    Then every one is refused because it is damaged
    And none of them left anything behind

  @ING-17
  Scenario: What a client claims about its file counts for nothing
    Given an artist with 2 pictures
    When pictures are uploaded with false claims about their size, dimensions and type
    Then each is described as it was found
    And a damaged file that is claimed to be in order is refused all the same

  @ING-20
  Scenario: A moving picture is refused
    Given an artist with 2 pictures
    When the "animated-webp" and "animated-png" files are tried
    Then every one is refused because it moves
    And none of them left anything behind

  @ING-4
  Scenario: An upload that is too large is refused
    Given an artist with 2 pictures
    When uploads at the byte ceiling and a byte over it are tried
    Then only those over it are refused for their size
    And none of those over it left anything behind

  @ING-23
  Scenario: An upload that is far too large is refused before all of it has come
    Given an artist
    When somebody begins to send far too much
    Then each is refused long before it has all been sent

  @ING-5
  Scenario: A picture with too many pixels is refused
    Given an artist with 2 pictures
    When pictures at the ceilings of side and area and just over them are tried
    Then only those over a ceiling are refused for their dimensions
    And none of those over a ceiling left anything behind

  @ING-6
  Scenario: A bomb is refused before it goes off
    When bombs and the costliest picture that is allowed are tried, each on a server of its own
    Then every bomb is refused for its dimensions
    And no bomb costs as much as that picture
