Feature: A bucket of the application's own
  Nobody comes to the pictures but by the addresses that the application hands out.

  @DEP-1
  Scenario: The bucket is closed to strangers
    Given an artist with pictures that nobody has looked at yet
    Then a stranger at the bucket can neither see what there is nor take a picture out of it
    And a stranger at the bucket cannot put anything into it
    And a stranger at the bucket cannot delete a picture, which can be seen as before

  @DEP-9
  Scenario: The bucket is closed by its settings
    When the operator looks at the settings of the bucket
    Then all public access to the bucket is blocked
    And no policy of the bucket lets strangers in
