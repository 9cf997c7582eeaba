Feature: Starting over
  A reset empties what was asked for and nothing beside it, and never a store in the cloud.

  @RST-1
  Scenario: A reset empties the store only when it is told to
    When a target with pictures is reset, first without its media and then with them
    Then the first reset took nothing from the store
    And the second took all media, and nothing else

  @RST-2
  Scenario: A reset never touches the cloud
    When a target that runs in the cloud is to be reset
    Then every reset is refused for that reason
    And the store has not heard of any
