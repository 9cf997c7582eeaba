Feature: An artist's details
  Details are words about an artist. Pictures never travel with them.

  @ART-1
  Scenario: Details are words and nothing else
    Given an artist
    When details come as a form, with pictures, and with things that no artist has
    Then each attempt is refused for what it brought
    And each attempt left every artist as it was

  @ART-2
  Scenario: A new artist has details and no picture yet
    When artists are created from details alone
    Then each has the details that were given
    And each has no picture, wherever it is looked for

  @ART-2
  Scenario: Pictures come later
    Given an artist with details
    When a profile picture and a gallery picture are added
    Then the artist shows both
    And the artist's details are as they were

  @ART-3
  Scenario: Editing details leaves the pictures alone
    Given an artist with details
    And four pictures in an order of their own
    When the details are edited in every way there is
    Then each edit changed what it named and nothing else
    And each edit left every picture where and what it was
