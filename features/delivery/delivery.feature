Feature: Delivering pictures
  A render URL serves the stored picture to anybody, whole and correctly described.

  @DEL-2
  Scenario: A render URL serves what is stored
    Given an artist
    When ordinary photographs in each format are uploaded
    Then each render URL serves the whole picture
    And asking for the headers alone tells the same
    And what is served is byte for byte what is stored
