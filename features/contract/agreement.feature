Feature: What is left of a run
  Whatever happened, the records and the store tell the same story.

  @CON-6
  Scenario: Whatever the store does wrong, records and store agree
    When every call to the store goes wrong in every way, one after another
    Then each time no entry lacks its picture or its thumbnail
    And nothing in the store is without an entry, but what could not be deleted
    And they agree on what each is, each time
    And each time the answer is what it should be, in time

  @CON-6 @closing
  Scenario: When everything is over, records and store agree
    When everything else is over
    Then every entry in the records has its picture and its thumbnail in the store
    And everything in the store belongs to an entry
    And they agree on what each is
