Feature: What the records say
  The records keep what each picture is, what it is for and how far it is, and nothing that belongs to a store.

  @REC-1 @REC-6 @REC-7
  Scenario: A picture is one entry that says what it is
    Given an artist
    When pictures are uploaded one by one for the profile and the gallery
    Then each is one row that says what it is, what it is for and how far it is
    And records and reads agree on what kind of thing each is
    And the records know of each what the public knows, and nothing of the store's address

  @REC-8
  Scenario: What never got ready is recorded and not shown
    Given an artist whose first profile pictures never got ready
    When a gallery picture and a profile picture are added
    Then the records have those that never got ready
    And the public sees nothing of them
