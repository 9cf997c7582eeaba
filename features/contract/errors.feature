Feature: Errors that can be relied on
  Whatever goes wrong has a code that stays the same, and tells nothing of what is behind it.

  @CON-3
  Scenario: Every mistake has a code, and no answer tells too much
    Given an artist with 2 pictures
    When every mistake is made that somebody can make
    Then each is answered with a code that can be relied on
    And no answer tells of what is behind it
