Feature: What the application never says
  Whatever it is asked, nothing that it answers helps anybody past it.

  @DEP-2 @DEP-4 @closing
  Scenario: Nothing that was answered leads past the application
    When a little more is asked of the application
    Then no answer of the whole run names where pictures are kept
    And every address of a picture in the whole run was the application's own
    And no answer of the whole run opens the storage
