Feature: Things that happen at the same time
  People save, upload and delete at the same moment, and nobody's work is lost.

  @SYN-7
  Scenario: Uploads and saves that overlap
    Given an artist with 3 pictures
    When pictures are uploaded and the collection is saved at the same time
    Then both succeed each time
    And what was saved is as it was saved
    And the new picture is there each time, at the end, and can be shown
