Feature: Pictures behind a distribution
  The application's own address hands out the pictures as they are kept, quickly, and forgets soon what is not there.

  @DEP-2
  Scenario: Every picture is at the application's own address
    Given an artist whose pictures nobody changes
    When somebody looks at all that is shown of the artist
    Then every address of a picture is the application's own and safe from eavesdroppers

  @DEP-3
  Scenario: The distribution hands out what is kept
    Given an artist whose pictures nobody changes
    When an address is asked for at which there has never been a picture
    Then each picture comes whole, also to those who would take it packed
    And each picture is described as it is kept
    And whoever asks again is answered by the distribution itself

  @DEP-3
  Scenario: Whoever comes first spoils nothing for those who come after
    Given an artist with pictures that nobody has looked at yet
    When the first to look at each picture takes a part of it, or takes it packed, or asks about it alone
    Then whoever looks next gets each picture whole and as it is kept

  @DEP-3 @closing
  Scenario: The distribution does not remember for long that there was nothing
    When a minute has passed since an address led nowhere
    Then whoever asks for it again is not told what was so a minute ago
