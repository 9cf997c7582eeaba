Feature: Showing pictures
  Whoever shows a picture is told all that a page needs, and an address leads to that picture and to nothing else.

  @DEL-1
  Scenario: A page is told all that it needs to show a picture
    Given an artist with gallery and profile pictures
    When the artist is read, edited and saved
    Then each picture carries its addresses, preview and measures
    And artist and card carry those of one profile picture
    And what is not known of an old picture is said to be unknown

  @DEL-5
  Scenario: Nothing but pictures can be reached through an address
    Given an artist whose pictures nobody changes
    When somebody looks for what is not theirs under the addresses of pictures
    Then they find nothing there
    And they learn nothing from it

  @DEL-6
  Scenario: A picture can be had in parts
    Given an artist whose pictures nobody changes
    Then any part of each picture can be had by itself
    And there is no part beyond the end of a picture

  @DEL-7
  Scenario: A picture is nothing but a picture
    Given an artist whose pictures nobody changes
    When pictures are asked for in every way, and some that are not there
    Then no browser will take them for anything else, or be remembered by them

  @DEL-7
  Scenario: Answers are always fresh
    Given an artist with 2 pictures
    When everything is asked for that is not a picture, rightly and wrongly
    Then nobody may keep a copy of the answers
