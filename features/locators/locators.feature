Feature: Where pictures lie
  The records know where each picture is stored, in words that no provider owns. The public never does.

  @LOC-1 @LOC-2 @LOC-3 @LOC-5
  Scenario: The records say where a picture and its thumbnail lie
    Given an artist whose pictures nobody changes
    Then each canonical and each thumbnail lies with a provider that is known
    And each of them is found by a name and a key that belong to no provider
    And each thumbnail is found by itself and in the same way
    And each says that it is not really stored

  @LOC-7
  Scenario: Pictures lie where the records say
    Given an artist
    When ordinary photographs in each format are uploaded
    Then each picture and each thumbnail lies where the records say, as it is served

  @LOC-6
  Scenario: The public is not told where pictures lie
    Given an artist with gallery and profile pictures
    When somebody reads all that is public of the artist
    Then nothing tells where the pictures lie

  @LOC-4
  Scenario: Older pictures stay where they are when new ones go elsewhere
    When a target that stored pictures elsewhere is started again to store new ones here
    Then new pictures go where they should
    And older pictures are served as before, from where they lie
    And a new picture that fails on the way is cleared away where it went
    And older pictures are deleted from where they lie

  @LOC-8
  Scenario: One picture that cannot be found does not hide the others
    Given an artist with 2 pictures
    And one of the artist's pictures is said to lie with a provider that nobody knows
    Then the artist, the collection and the list of artists can be read all the same
    And the other pictures are what and where they were
