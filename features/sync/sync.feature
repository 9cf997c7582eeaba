Feature: Saving a whole collection
  The collection is saved in one go: what is left out is deleted, the rest stays what it was.

  @SYN-2
  Scenario: Pictures left out of a save are deleted and the others stay
    Given an artist with 5 pictures
    And another artist with a picture of their own
    When the collection is saved without the second and the fifth
    Then what was left out is gone for everybody
    And what was left out is gone from the records and the store
    And the others are still the same items at the same URLs
    And the other artist's picture is where it was

  @SYN-2
  Scenario: A save without any picture deletes them all
    Given an artist with 4 pictures
    And another artist with a picture of their own
    When the collection is saved without any
    Then what was left out is gone for everybody
    And what was left out is gone from the records and the store
    And the other artist's picture is where it was
