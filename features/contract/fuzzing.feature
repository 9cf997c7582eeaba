Feature: Requests that nobody thought of
  Whatever is sent, the answer is one that was promised.

  @CON-2
  Scenario: No request, however odd, gets an answer that nobody described
    When requests of every kind are made up and sent
    Then every answer is one that the contract describes
    And none is a breakdown
    And whatever the contract calls invalid is refused
    And every operation has been accepted too
