Feature: Drafts of pictures
  Whoever chooses pictures sees them at once, decides in peace, and knows what became of each. What fails is said, and tried again
  without starting over.

  @DRF-1
  Scenario: Choosing pictures persists nothing
    Given a visitor who drafts a new artist with 3 pictures
    When the last picture is moved to the front, and one is taken out
    Then each picture could be seen before it was sent anywhere
    And nothing was sent
    When the visitor leaves
    Then there is no such artist

  @DRF-1
  Scenario: Choosing more pictures for an artist persists nothing
    Given an artist with 2 pictures
    And a visitor who drafts changes to the artist with 2 more pictures
    When the last picture is moved to the front, and one is taken out
    Then each picture could be seen before it was sent anywhere
    And nothing was sent
    When the visitor leaves
    Then the artist has the pictures that it had

  @DRF-2
  Scenario: A new artist becomes what was drafted
    Given a visitor who drafts a new artist with 3 pictures
    When the pictures are described, and the last one is moved to the front
    And the draft is submitted
    Then the artist was there before any picture was sent
    And each picture was sent once, as it was described
    And the order was saved only if that was needed, and last
    And the artist has the pictures that the draft showed

  @DRF-2
  Scenario: A single picture needs no saving of the order
    Given a visitor who drafts a new artist with 1 picture
    When the pictures are described
    And the draft is submitted
    Then each picture was sent once, as it was described
    And the order was not saved, for it was right already
    And the artist has the pictures that the draft showed

  @DRF-2 @DRF-5
  Scenario: An artist becomes what its changes were drafted to be
    Given an artist with 3 pictures
    And a visitor who drafts changes to the artist with 1 more picture
    When the artist's name is changed, the pictures are described, and the last one is moved to the front
    And the draft is submitted
    Then the artist was there before any picture was sent
    And only what is new was sent
    And the order was saved only if that was needed, and last
    And the artist has the pictures that the draft showed

  @DRF-2 @DRF-3
  Scenario: A picture that fails costs nothing but another try
    Given a visitor who drafts a new artist with 3 pictures
    When the draft is submitted while the second picture cannot be stored
    Then whatever was accepted is the artist's
    And the draft says which picture failed, and why
    When what is missing is sent again
    Then nothing that was accepted is sent again
    And the artist has each picture once
    And the order was saved only if that was needed, and last
    And the artist has the pictures that the draft showed

  @DRF-4
  Scenario: The application has the last word on a picture
    Given a visitor who drafts a new artist with a picture that only looks whole
    When the draft is submitted
    Then the application was asked about the picture, and refused it
    And the draft says why, in the application's words

  @DRF-5
  Scenario: Changing nothing sends nothing
    Given an artist with 2 pictures
    And a visitor who drafts changes to the artist with no more pictures
    When the draft is submitted, if it can be
    Then nothing was sent
