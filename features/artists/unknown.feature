Feature: Artists who are not there
  What is asked of an artist who does not exist is answered with just that, and changes nothing.

  @ART-4
  Scenario: Nothing can be done with an artist who is not there
    Given an artist with 2 pictures
    When everything is tried with artists who are gone, who never were, and who could not be
    Then each attempt is told that there is no such artist

  @ART-4
  Scenario: A picture for nobody is not kept
    Given an artist with 2 pictures
    When pictures are uploaded to artists who are gone, who never were, and who could not be
    Then none of these artists is there afterwards
    And the pictures for nobody left nothing behind
