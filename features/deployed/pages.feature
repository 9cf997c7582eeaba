Feature: What pages never hold
  A page is everybody's to read, and so is every script of it.

  @DEP-4
  Scenario: No page opens anybody the storage
    Given an artist whose pictures nobody changes
    When somebody reads what each page is made of
    Then no page and no script of one opens the storage
    And no page and no script of one signs requests to it
