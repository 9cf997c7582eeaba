Feature: Uploads that fail
  An upload succeeds as a whole or leaves nothing, and can be tried again.

  @UPL-3
  Scenario: A picture that cannot be stored
    Given an artist with 2 pictures
    When a picture is sent while the picture cannot be stored
    Then the upload has failed for that reason
    And nothing of it is left

  @UPL-4
  Scenario: A picture whose thumbnail cannot be stored
    Given an artist with 2 pictures
    When a picture is sent while its thumbnail cannot be stored
    Then the upload has failed for that reason
    And nothing of it is left

  @UPL-5
  Scenario: A picture that cannot be entered into the records
    Given an artist with 2 pictures
    When a picture is sent while it cannot be entered into the records
    Then the upload has failed for that reason
    And nothing of it is left

  @UPL-8
  Scenario: Pictures are recorded when they are ready
    Given an artist
    When pictures are uploaded side by side while the records are read
    Then none of them was ever in the records before it was ready

  @UPL-9
  Scenario Outline: A lost picture is sent again
    Given an artist with 2 pictures
    When a picture is sent again that was lost because <fault>
    Then it is there once, with everything that belongs to it

    Examples:
      | fault                                 |
      | the picture cannot be stored          |
      | its thumbnail cannot be stored        |
      | it cannot be entered into the records |

  @UPL-11
  Scenario: Somebody leaves in the middle of an upload
    Given an artist with 2 pictures
    When clients leave in the middle of sending pictures
    Then nothing of what they sent is left
