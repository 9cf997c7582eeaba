Feature: Alternative texts
  What is said about a picture for those who cannot see it comes back exactly as it was said.

  @REC-5
  Scenario: A text comes back as it was given
    Given an artist
    When pictures are uploaded with texts of every kind
    And the same texts are given to the pictures by saving the collection
    Then each text comes back code point for code point

  @REC-5
  Scenario: A text that is too long or no text is refused
    Given an artist with 2 pictures
    When texts that are too long or no texts are given to pictures
    Then each text is refused
    And after the texts the collection is as it was
