Feature: What a picture is for
  A picture is a profile picture or one of the gallery, and whoever uploads it says which.

  @REC-2
  Scenario: A picture is for the profile or for the gallery
    Given an artist
    When a picture is uploaded for the profile and another for the gallery
    Then each is kept for what it was uploaded for

  @REC-2
  Scenario: A picture is for nothing else
    Given an artist with 2 pictures
    When pictures are uploaded for nothing and for anything else
    And the collection is saved with pictures for nothing and for anything else
    Then each attempt is refused
    And after the attempts the collection is as it was

  @REC-4
  Scenario: The profile picture is the first one in the collection that is for the profile
    Given an artist
    When pictures are uploaded for the gallery, the profile, the gallery and the profile again
    Then after each upload the others are for what they were for
    And after each step the artist shows the first picture for the profile

  @REC-4
  Scenario: The profile picture follows every change
    Given an artist with pictures for the gallery, the profile, the gallery and the profile again
    When the collection is turned round, given other purposes, and deleted from the front
    Then after each step the artist shows the first picture for the profile

  @REC-4
  Scenario: A picture that cannot be shown is no profile picture
    Given an artist with pictures for the gallery, the profile, the gallery and the profile again
    When pictures for the profile that cannot be shown are put before them
    Then the artist shows the first picture for the profile that can be shown
