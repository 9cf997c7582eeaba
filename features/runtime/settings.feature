Feature: Settings that are understood
  Whoever starts a backend is told what is wrong with its settings, and what it runs as.

  @RUN-2
  Scenario: A wrong setting is named
    When the target is started with one setting wrong or missing at a time
    Then each start ends with one message that says which, and what it should be
    And no start tells a secret

  @RUN-3
  Scenario: A target runs as it was asked to
    Then the target says that it runs as it was asked to

  @RUN-4
  Scenario: What was never really stored does not outlive its target
    When another target like it is stopped and started again with its pictures
    Then nothing that was only imagined to be stored is there any more

  @RUN-5
  Scenario: What was really stored outlives its target
    When another target like it is stopped and started again with its pictures, and they are really stored
    Then every collection and every picture is as it was
