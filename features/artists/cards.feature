Feature: The list of all artists
  Everybody can leaf through all artists, in the order in which they came.

  @ART-7
  Scenario: Leafing through all artists
    Given seven artists who came one after another
    When somebody leafs through all artists at several speeds
    Then the artists appear in the order in which they came
    And each appears once
    And each page is full but for the last

  @ART-7
  Scenario: Leafing while others arrive
    Given seven artists who came one after another
    When somebody leafs through all artists while others arrive
    Then nobody who was there is left out
    And the artists appear in the order in which they came
    And each appears once

  @ART-7
  Scenario: A place in the list that was never given
    Given seven artists who came one after another
    When somebody asks for places and page sizes that there are not
    Then each of them is refused
