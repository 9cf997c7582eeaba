Feature: Files that mean harm
  Whatever is uploaded, the server stays well and keeps whole pictures or nothing.

  @CON-5
  Scenario: Hostile files do no harm
    Given a server that has taken in the costliest picture that is allowed
    When hostile files of every kind are tried
    Then none of them breaks anything down
    And every one is kept whole or not at all
    And the server is as well as before
    And all of them cost it no more memory than one such picture
