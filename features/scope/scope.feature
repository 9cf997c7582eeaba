Feature: What the media workflow is for
  It takes pictures, keeps them once, and hands out nothing but addresses that anybody may open.

  @SCO-1
  Scenario: Films and sounds are not taken
    Given an artist with 2 pictures
    When the "videos" and "sounds" files are tried
    Then every one is refused because pictures alone are taken
    And none of them left anything behind

  @SCO-2
  Scenario: Nothing that is answered opens the storage
    When an artist's whole life is watched
    Then no answer gives away what opens the storage
    And no answer sends anybody elsewhere with a picture

  @SCO-3
  Scenario: A picture is kept in one place
    Given an artist whose pictures nobody changes
    Then each picture has one place for itself and one for its thumbnail

  @SCO-4
  Scenario: An upload is kept as two files and no more
    Given an artist
    When pictures are uploaded one at a time while somebody watches the store
    Then each adds the picture and its thumbnail to the store, and nothing else
    And its preview is stored nowhere

  @SCO-5
  Scenario: A picture's address is open to all and always the same
    Given an artist whose pictures nobody changes
    Then each picture has addresses that anybody may open anywhere
    And the addresses are the same, whatever name the service is called by
