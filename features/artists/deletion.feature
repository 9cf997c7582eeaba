Feature: Deleting an artist
  When an artist goes, all their pictures go with them, and nobody else's.

  @ART-5
  Scenario: An artist is deleted with all their pictures
    Given an artist with 3 pictures
    And another artist with the same pictures
    When the artist is deleted
    Then the artist is gone for everybody
    And the artist's pictures are gone from the records and the store
    And the other artist still has every picture
