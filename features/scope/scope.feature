Feature: What the media workflow is for
  It takes pictures, keeps them once, and hands out nothing but addresses that anybody may open.

  @SCO-1
  Scenario: Films and sounds are not taken
    Given an artist with 2 pictures
    When the "videos" and "sounds" files are tried
    Then every one is refused because pictures alone are taken
    And none of them left anything behind
