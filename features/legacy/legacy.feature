Feature: Pictures from former times
  Old addresses are remembered, followed where they are understood, and never trusted.

  @LEG-3
  Scenario: An artist's old image does not stand in for a picture
    Given an artist with an image from former times
    When a profile picture is added and deleted again
    Then the artist is shown by that picture while it is there, and by none otherwise

  @LEG-4
  Scenario: An old address that nobody understands harms nothing
    Given an artist with 2 pictures
    And old pictures of the artist at addresses that belong to nobody we know
    Then each of them is listed, and has no address any more
    And deleting them takes nothing from the store
