Feature: Pictures from former times
  Old addresses are remembered, followed where they are understood, and never trusted.

  @LEG-3
  Scenario: An artist's old image does not stand in for a picture
    Given an artist with an image from former times
    When a profile picture is added and deleted again
    Then the artist is shown by that picture while it is there, and by none otherwise

  @LEG-1
  Scenario: An old address is followed to its picture
    Given an artist with old pictures at addresses of every form
    Then nothing of its old address comes through
    And each of them is shown with the picture that lies there

  @LEG-2
  Scenario: An old picture is deleted from where it lies
    Given an artist with old pictures at addresses of every form
    When the old pictures are deleted
    Then what their addresses named is gone from the store
    And what only resembles it is not

  @LEG-5
  Scenario: Where a picture has both, its place counts and not its old address
    Given an artist with a picture that has a place and an old address
    Then it is shown from its place
    And deleting it deletes what lies there, and not what its old address names

  @LEG-6
  Scenario: An old picture's thumbnail is its own or none
    Given an artist with old pictures with and without thumbnails
    Then each thumbnail is the one that lies at its old address, or there is none

  @LEG-4
  Scenario: An old address that nobody understands harms nothing
    Given an artist with 2 pictures
    And old pictures of the artist at addresses that belong to nobody we know
    Then each of them is listed, and has no address any more
    And deleting them takes nothing from the store
