Feature: What a save says is what there is
  A save says what the whole collection is to be: all of it becomes so at once, or nothing does.

  @SYN-1
  Scenario: A save replaces order, purposes and texts
    Given an artist with 4 pictures
    When the collection is saved several times, each time with another order, other purposes and other texts
    Then after each save the collection is as it was saved

  @SYN-1
  Scenario: A save says everything about every picture
    Given an artist with 3 pictures
    When the collection is saved with something left unsaid
    Then each of these saves is refused and changes nothing

  @SYN-1
  Scenario: Nobody sees half a save
    Given an artist with 5 pictures
    When the collection is saved again and again while others look at it
    Then each look showed it as it was before a save or after it

  @SYN-3
  Scenario: A save names the artist's own pictures, each of them once
    Given an artist with 3 pictures
    And another artist with the same pictures
    When the collection is saved with pictures that are unknown, somebody else's or named twice
    Then each of these saves is refused for its pictures
    And after each of them the collection was as before and could be shown
    And the other artist's collection was as before and could be shown

  @SYN-4
  Scenario: A save that is sent again changes nothing more
    Given an artist with 4 pictures
    When a save leaves out the second picture and is sent twice
    Then the second save is accepted like the first
    And everything is as it was after the first
