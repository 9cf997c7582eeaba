Feature: Files that are refused
  A file is judged by what it is, and a refused file leaves no trace.

  @ING-3
  Scenario: A file that is not what it is declared as is refused
    Given an artist with 2 pictures
    When the "mislabelled" files are tried
    Then every one is refused because it is not what it is declared as
    And none of the mislabelled files left anything behind

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
    And none of the damaged files left anything behind
