Feature: Uploading a picture
  Somebody uploads a photograph and sees it at once, where they left it.

  @UPL-1
  Scenario: An uploaded photograph is ready to show
    Given an artist
    When ordinary photographs in each format are uploaded
    Then each upload answers with one new item
    And each item can be shown at once
    And the collection holds each item as it was answered
