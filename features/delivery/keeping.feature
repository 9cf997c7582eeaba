Feature: Keeping pictures
  Browsers and caches may keep a picture for long, because its address never shows anything else.

  @DEL-3
  Scenario: An address belongs to one picture for ever
    Given an artist with 3 pictures
    When details are edited, the order is saved anew, and a deleted picture is uploaded again
    Then every picture has kept its addresses
    And no picture has an address that another one had

  @DEL-3
  Scenario: A picture may be kept for long, and is easily found to be the same
    Given an artist whose pictures nobody changes
    Then browsers may keep each picture for a year and shared caches for a day
    And whoever has kept a picture is told that it is still the same

  @DEL-4
  Scenario: A deleted picture is gone at once
    Given an artist with 3 pictures
    When one picture is deleted, one left out of a save, and another one deleted with its artist
    Then their addresses lead nowhere, whoever asks and however
