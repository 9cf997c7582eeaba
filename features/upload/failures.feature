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
    And what had been stored of it was deleted again
    And nothing of it is left

  @UPL-5
  Scenario: A picture that cannot be entered into the records
    Given an artist with 2 pictures
    When a picture is sent while it cannot be entered into the records
    Then the upload has failed for that reason
    And what had been stored of it was deleted again
    And nothing of it is left

  @UPL-6
  Scenario: An upload that fails takes nothing with it
    Given an artist with 3 pictures
    When a picture that is there already is sent again and fails
    And another one fails while yet another is sent and succeeds
    Then the failed ones have touched nothing but their own
    And everything else is there and can be shown

  @UPL-7
  Scenario Outline: A failed upload that cannot be cleared away
    Given an artist with 2 pictures
    When a picture is lost because <fault> and the store cannot delete one of its files
    Then the upload has failed as if it had been cleared away
    And nobody sees it
    And only what could not be deleted is left of it

    Examples:
      | fault                                    |
      | its thumbnail cannot be stored           |
      | its thumbnail is stored without a word   |

  @UPL-12
  Scenario: The target dies in the middle of uploads
    When a target with pictures is killed in the middle of uploads and started again
    Then it reads the artist
    And every picture that it shows is whole
    And every picture in the records is in the store

  @UPL-13
  Scenario Outline: The store hangs
    When the store hangs on <what> of somebody's upload
    Then it is given up in time, for that reason
    And others were served meanwhile as ever
    And the picture never appears

    Examples:
      | what          |
      | the picture   |
      | its thumbnail |

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
