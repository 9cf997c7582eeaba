Feature: Any sequence of operations
  Whatever is done in whatever order, what is there is what was put there.

  @CON-4
  Scenario: Nothing is lost, doubled or mixed up, whatever happens in whatever order
    When artists and pictures are created, changed and deleted in every order that comes to mind
    Then everything is always as a simple model predicts
