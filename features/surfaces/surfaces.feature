Feature: Pictures on pages
  A page loads no more than it shows, shows all of it well, and gives nothing else away, on a phone and on a desktop.

  Background:
    Given an artist with more pictures than a screen has room for

  @SUR-6
  Scenario: A page opens nobody the storage
    When visitors look at every page, and at the forms
    Then nothing that a page is made of, keeps or asks for opens the storage
    And no page asks a storage provider for anything

  @SUR-1
  Scenario: Where pictures are many and small, the small ones are loaded
    When visitors look at the showcase, gallery, card, search result and table
    Then each picture is loaded as its thumbnail, and no large one besides

  @SUR-2
  Scenario: Where a picture is large, the large one is loaded
    When visitors look at the carousel and detail
    Then the large picture is loaded of what is shown

  @SUR-3
  Scenario: What is blurred needs no large picture
    When visitors look at the blurred background
    Then it is made of the preview that came with the item, and of nothing else

  @SUR-4
  Scenario: What is not seen yet is not loaded yet
    When visitors look at every page
    Then the picture that matters most is loaded at once, and every other one when it is needed
    And pictures far below are not asked for before somebody comes to them, and are there then

  @SUR-5
  Scenario: Every picture can be seen, whole and as it is
    When visitors look at every page
    Then each picture shows, whole, in its own shape
    And each picture has the text that stands for it

  @SUR-7
  Scenario: Nothing moves while pictures arrive
    When visitors look at every page
    Then nothing has moved while a page was loaded
    And nothing has moved while it was scrolled through

  @SUR-8
  Scenario: Browsers are shown the pictures that were checked
    When visitors look at every page
    Then each picture in the browser is byte for byte the one that the application serves to everybody
