Feature: Uploads at the same time
  Whoever uploads at the same moment as somebody else finds their own picture, whole and once.

  @UPL-10
  Scenario: Many pictures are uploaded at once
    Given an artist
    When eight pictures are uploaded at the same moment
    Then each of the eight is accepted
    And the collection has each of them once, at a place of its own
    And each of them shows its own picture

  @UPL-14
  Scenario: A picture is uploaded while its artist is deleted
    Given an artist with 2 pictures
    When artists are deleted while pictures are uploaded to them
    Then each deletion succeeds
    And each upload is refused, or accepted and deleted with the artist
    And nothing is left of any of them
