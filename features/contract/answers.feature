Feature: Answers as they were promised
  Whoever reads the contract knows every answer beforehand.

  @CON-1
  Scenario: Everything that can be asked is answered as it was described
    When everything that can be asked is asked, rightly and wrongly
    Then every answer is as it was described
