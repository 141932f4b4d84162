import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// What asks before it is done, on a page of its own.
@Suite(.timeLimit(.minutes(5)))
struct QuestionTests {
  @Test func `ending all other sessions asks, unless there are none`() async throws {
    try await withSite { client, _ in
      let (desk, phone) = (Browser(client), Browser(client))
      try await desk.register(name: "Ann", email: "ann@example.net")
      try await phone.get("/login")
      try await phone.post("/login", ["email": "ann@example.net", "password": "correct horse"])

      try await desk.get("/account")
      let question = try await desk.post("/account/sessions/end-others", [:])
      #expect(question.status == .ok && question.text.contains("End the other session?"))
      #expect(question.text.contains(#"<a class="button" href="/account">Cancel</a>"#))
      #expect(try await phone.get("/projects").status == .ok, "it is asked first")
      try await desk.post("/account/sessions/end-others", fields: question.fields())
      let out = try await phone.get("/projects")
      #expect(out.headers[.location]?.hasPrefix("/login") == true)
      let none = try await desk.post("/account/sessions/end-others", [:])
      #expect(none.status == .seeOther)
    }
  }

  @Test func `a hook's new secret and its removal are asked about by name`() async throws {
    try await withProject { ann, _ in
      try await ReleasePagesTests.deployTwice(ann)
      let settings = "/projects/shop/apps/web/settings"
      try await ann.get(settings)
      try await ann.post("/projects/shop/apps/web/hooks", ["name": "CI", "tags": ""])
      let page = try await ann.get(settings).text
      let own = String(try #require(page.firstMatch(of: #/action="([^"]+)/rotation"/#)?.1))

      let rotation = try await ann.post("\(own)/rotation", [:])
      #expect(rotation.text.contains("Make a new secret for the hook “CI”?"))
      #expect(!rotation.text.contains("babyhelm_hook_"))
      let made = try await ann.post("\(own)/rotation", fields: rotation.fields())
      #expect(made.text.contains("babyhelm_hook_"))

      let removal = try await ann.post("\(own)/removal", [:])
      #expect(removal.text.contains("Remove the hook “CI” of web?"))
      #expect(try await ann.get(settings).text.contains("\(own)/removal"))
      let removed = try await ann.post("\(own)/removal", fields: removal.fields())
      #expect(removed.headers[.location] == settings)
      #expect(try await !ann.get(settings).text.contains("\(own)/removal"))
    }
  }
}
