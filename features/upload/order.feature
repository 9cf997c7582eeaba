Feature: What comes first in an upload
  A picture is stored first and shown afterwards, never the other way round.

  @UPL-2
  Scenario Outline: A picture that is still being stored is not shown
    Given an artist with 2 pictures
    When a picture is sent and the store has not yet taken <what>
    Then nobody sees the picture yet
    And it is there once the store has taken it

    Examples:
      | what          |
      | the picture   |
      | its thumbnail |
