Feature: The order of a collection
  A collection has an order, and everybody sees the same one.

  @REC-3
  Scenario: The order is kept through everything that happens
    Given an artist with 3 pictures
    When pictures are added after the others were turned round, deleted and left out
    Then each picture that was added was the last one then
    And at each moment the order had no gap and was the same for everybody
