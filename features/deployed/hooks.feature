Feature: What only tests may use
  A test may arrange failures and old entries. Nobody can do so where others work.

  @DEP-8
  Scenario: What only tests may use is not there
    Then nobody finds anything that only tests may use
    And the operator does not find it either
