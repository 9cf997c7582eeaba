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
