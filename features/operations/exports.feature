Feature: What operators can find out
  Operators can read every entry and every stored object at any time. Nobody else can.

  @OPS-1
  Scenario: Only operators read what is for operators
    When the operator's reads are tried without a credential, with an unknown one and with that of writers
    Then nobody but the operator is let in

  @OPS-2
  Scenario: Operators read everything that there is
    Given an artist with 3 pictures
    And rows of the artist that never got ready, with names in many scripts
    When the operator reads all rows and all objects
    Then every row is there once, whatever became of it
    And every object that a row names is there once and in its place

  @OPS-2
  Scenario: Operators read while others upload
    Given an artist with 3 pictures
    When the operator reads again and again while pictures come and go
    Then what was there before is in every reading, once and in its place
