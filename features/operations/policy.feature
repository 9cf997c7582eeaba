Feature: The published policy
  What is published about uploads is what happens.

  @OPS-3
  Scenario: The published policy is the one in force
    When the published policy is tried at each of its numbers and one past it
    Then the types that are taken are those that are published
    And what is too large is too large by the published numbers
    And pictures, thumbnails and previews are as large as was published
    And texts and names may be as long as was published

  @OPS-3
  Scenario: A slow store is waited for as long as was published
    When pictures are sent to a store that is slow, and to one that is slower than was published
    Then the slow one is waited for and the slower one is not
