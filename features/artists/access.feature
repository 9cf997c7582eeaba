Feature: Who may change what
  Everybody may look; only those with the write credential may change anything.

  @ART-6
  Scenario Outline: Nobody changes anything without the right credential
    Given an artist with 3 pictures
    When <visitor> tries to change everything that can be changed
    Then every attempt is turned away for that reason
    And nothing has changed

    Examples:
      | visitor                              |
      | a visitor without a credential       |
      | a visitor with an unknown credential |
      | an operator                          |

  @ART-6
  Scenario: A credential that is almost right is not right
    Given an artist with 2 pictures
    When somebody tries credentials that are almost right
    Then every one of them is unknown
    And nothing has changed
