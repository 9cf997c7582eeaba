Feature: What becomes of a picture
  Pictures come out at a sensible size, the right way up, and say nothing about whoever took them.

  @ING-7
  Scenario: A large picture is scaled down to the target
    Given an artist
    When pictures larger than the canonical target are uploaded
    Then each is scaled down to the target with its shape kept

  @ING-7
  Scenario: A picture that fits is never enlarged
    Given an artist
    When pictures that fit the canonical target are uploaded
    Then none is enlarged

  @ING-8
  Scenario: Photographs are shown the right way up, however the camera was held
    Given an artist
    When photographs taken with the camera held each of eight ways are uploaded
    Then each is shown the right way up
    And each is described by its upright width and height

  @ING-10
  Scenario: What the public gets says nothing about where, when and by whom it was taken
    Given an artist
    When photographs that carry metadata of every kind are uploaded
    Then nothing of the metadata can be found in what the public gets

  @ING-9 @ING-14 @ING-15 @ING-16
  Scenario: A picture, its thumbnail and its preview belong together
    Given an artist
    When photographs of many shapes are tried
    Then each has a preview that is a tiny likeness of it
    And each keeps its format
    And each has a thumbnail that is a small likeness of it
    And each is described as it is stored

  @ING-11 @ING-14
  Scenario: Colours survive, whatever they were written in
    Given an artist
    When photographs in wide colours, for a press and in ordinary colours are uploaded
    Then each shows the colours that it was made with
    And each thumbnail shows the same colours

  @ING-22
  Scenario: Unusual pictures come out ordinary
    Given an artist
    When pictures of unusual depth, colour and order are tried
    Then each is accepted
    And each shows its colours with eight bits each

  @ING-19
  Scenario: What is transparent stays transparent
    Given an artist
    When pictures with transparent areas are uploaded
    Then they can be seen through in the same places

  @ING-13
  Scenario: Nothing that is no picture comes out again
    Given an artist
    When pictures with something hidden in them are uploaded
    Then nothing of what was hidden comes out again
    And nothing of the uploads is kept as it came

  @ING-18
  Scenario: A file's name is shown and used for nothing else
    Given an artist
    When pictures are uploaded under names of every kind
    Then each name comes back fit to be shown
    And no part of a name is in an address or a key

  @ING-21
  Scenario: Photographs stay faithful
    Given an artist
    When large photographs in each format are uploaded
    Then each looks like the ideal of itself at that size
