Feature: Deleting a picture
  A deleted picture is gone at once, and the others close up.

  @SYN-6
  Scenario: Pictures are deleted one by one
    Given an artist with 4 pictures
    When the second, the last and the first picture are deleted one after another
    Then each was there before and gone after
    And after each deletion the others closed up
    And none can be deleted again

  @SYN-6
  Scenario: Nobody's picture is deleted under another artist
    Given an artist with 2 pictures
    And another artist with the same pictures
    When the other artist's pictures are deleted as if they were the artist's own
    Then each deletion is told that there is no such picture
    And the other artist still has them all

  @SYN-5
  Scenario Outline: What cannot be deleted is no longer shown all the same
    Given an artist with 3 pictures
    When <deletion> while <objects> cannot be deleted
    Then the deletion succeeds and everybody sees its outcome
    And nothing of what was deleted is in the records
    And of what was deleted only that is left in the store which could not be deleted

    Examples:
      | deletion                               | objects    |
      | two pictures are left out of a save    | canonicals |
      | two pictures are left out of a save    | thumbnails |
      | one picture is deleted                 | canonicals |
      | one picture is deleted                 | thumbnails |
      | the whole artist is deleted            | canonicals |

  @SYN-5
  Scenario Outline: What is deleted is no longer shown before it is gone from the store
    Given an artist with 3 pictures
    When <deletion> and the store has not yet deleted anything
    Then nobody sees what is being deleted any more
    And the deletion succeeds once the store has followed

    Examples:
      | deletion                            |
      | two pictures are left out of a save |
      | one picture is deleted              |
      | the whole artist is deleted         |
