import HTTPTypes
import HummingbirdTesting
import Templates
import TestSupport
import Testing

@testable import Web

/// The language of pages: the browser's wish, and the reader's choice.
struct LanguageTests {
  @Test func `a page is in the language that the browser likes best`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      browser.headers[.acceptLanguage] = "ru-RU,ru;q=0.9,en;q=0.8"

      let page = try await browser.get("/login")

      #expect(page.text.contains("<html lang=\"ru\" dir=\"ltr\">"))
      #expect(page.text.contains("Войти"))
      #expect(page.headers[.contentLanguage] == "ru")
      #expect(page.headers[values: .vary].contains("Accept-Language"))

      browser.headers[.acceptLanguage] = "de"
      let other = try await browser.get("/login")
      #expect(other.text.contains("<html lang=\"en\" dir=\"ltr\">"))
      #expect(!other.text.contains("Войти"))
    }
  }

  @Test(arguments: [
    "Restarted", "Stopped", "Started again", "Scaled to 3", "Back to release #12", "Deleted",
    "Deleted with the project", "Restored", "Restored with the project",
    "Put back what was changed by hand", "#4 cancelled: back to release #3",
    "Back to release #3 by itself, since #4 failed",
  ])
  func `what a release says by itself is translated`(message: String) {
    let russian = PageLanguage.catalogue(.russian)
    #expect(russian != nil)
    MessageCatalogue.$current.withValue(russian) {
      #expect(ReleaseMessage.shown(message) != message)
    }
    #expect(ReleaseMessage.shown(message) == message)
  }

  @Test(arguments: [
    "Failed", "Ready", "Scaled to the moon", "Back to release #1, sorry", "restarted",
  ])
  func `what somebody typed about a release stays as it is`(message: String) {
    MessageCatalogue.$current.withValue(PageLanguage.catalogue(.russian)) {
      #expect(ReleaseMessage.shown(message) == message)
    }
  }

  @Test(arguments: [
    "(nothing)", "(gone)", "not set", "somebody", "somebody gone", "nobody", "platform",
  ])
  func `a word in the place of a name has its translation`(word: String) {
    #expect(PageLanguage.catalogue(.russian)?.translate(word) != word)
  }

  @Test func `a choice goes with the account to another browser, and before that one's cookie`()
    async throws
  {
    try await withSite { client, _ in
      let (desk, phone) = (Browser(client), Browser(client))
      for browser in [desk, phone] { browser.headers[.acceptLanguage] = "en" }
      try await desk.register(name: "Ada", email: "ada@example.net")
      #expect(try await desk.get("/projects").headers[.contentLanguage] == "en")
      try await phone.get("/login")
      try await phone.post("/language", ["language": "en"])

      try await desk.post("/language", ["language": "ru"])
      try await phone.get("/login")
      try await phone.post("/login", ["email": "ada@example.net", "password": "correct horse"])

      let page = try await phone.get("/projects")
      #expect(page.headers[.contentLanguage] == "ru")
      #expect(page.text.contains("<html lang=\"ru\""))
      let missing = try await phone.get("/nothing/here")
      #expect(missing.text.contains("<html lang=\"ru\""), "refusals, too")
      try await phone.post("/logout", [:])
      #expect(try await phone.get("/login").headers[.contentLanguage] == "en", "its own cookie")
    }
  }

  @Test func `what the reader chose goes before the browser's wish`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      browser.headers[.acceptLanguage] = "en"
      _ = try await browser.get("/login")

      let chosen = try await browser.post("/language", ["language": "ru"])

      #expect(chosen.status == .seeOther)
      #expect(chosen.headers[.location] == "/")
      let page = try await browser.get("/login")
      #expect(page.headers[.contentLanguage] == "ru")
      #expect(page.text.contains("lang=\"ru\" aria-current=\"true\">Русский"))
    }
  }

  @Test(arguments: [
    ("http://localhost/projects?page=2", "/projects?page=2"), ("http://evil.example/x", "/"),
    ("http://localhost//evil.example", "/"), ("http://localhost.evil.example/", "/"),
  ])
  func `the choice leads back to its page, and never to another site`(
    referrer: String, target: String
  ) async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      _ = try await browser.get("/login")
      browser.headers[.referer] = referrer

      let chosen = try await browser.post("/language", ["language": "en"])

      #expect(chosen.headers[.location] == target)
    }
  }

  @Test func `a language that isn't there is refused`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      _ = try await browser.get("/login")
      #expect(try await browser.post("/language", ["language": "xx"]).status == .badRequest)
    }
  }

  @Test func `what programs read stays English`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      browser.headers[.acceptLanguage] = "ru"

      let answer = try await browser.get("/api/v1/projects")

      #expect(answer.status == .unauthorized)
      #expect(answer.text.contains("This call needs an API token."))
      #expect(answer.headers[.contentLanguage] == nil)
    }
  }
}
