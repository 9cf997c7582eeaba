Feature: Runtimes that are safe
  A backend that is started with settings that do not belong together says so and does nothing.

  @RUN-1
  Scenario: A target starts only in the runtimes that the contract allows
    When the target is started in every combination of provider, execution target and environment
    Then each combination is accepted or rejected as the contract lists it
    And each rejected one says so by its exit code, before it contacts anything
