import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Domain
@testable import Web

/// Alerts on the pages they concern, silences, and the hook.
@Suite(.timeLimit(.minutes(5))) struct AlertPagesTests {
  private static let token = "the token of this test"

  /// Sends what Alertmanager would.
  private static func send(
    _ text: String, token: String?, to client: any TestClientProtocol
  ) async throws -> TestResponse {
    var headers: HTTPFields = [.contentType: "application/json"]
    if let token { headers[.authorization] = "Bearer \(token)" }
    return try await client.executeRequest(
      uri: "/hooks/alertmanager", method: .post, headers: headers, body: ByteBuffer(string: text))
  }

  private static func message(_ name: String, _ more: String = "", status: String = "firing")
    -> String
  {
    """
    {"version":"4","alerts":[{"status":"\(status)","fingerprint":"\(name)",
     "labels":{"alertname":"\(name)","namespace":"shop","severity":"critical"\(more)},
     "annotations":{"summary":"\(name) of web","description":"Do \(name).","seen":"2 cores",
     "usual":"1 cores","runbook_url":"https://example.org/runbook"},
     "startsAt":"\(Date().formatted(.iso8601))","endsAt":"0001-01-01T00:00:00Z"}]}
    """
  }

  @Test func `alerts are shown where they belong, and editors silence them`() async throws {
    try await withEveryRole { everybody in
      let client = everybody.site.client
      let admin = try everybody.actor("admin").browser
      try await admin.get("/admin/alerts")
      let made = try await admin.post("/admin/alerts/token", [:])
      let secret = String(
        try #require(made.text.firstMatch(of: #/babyhelm_alerts_[A-Za-z0-9_-]{43}/#)).output)
      #expect(made.text.contains("credentials_file"))
      #expect(
        try await Self.send(
          Self.message("ManyErrors", #","application":"web""#), token: secret, to: client
        ).status == .noContent)
      #expect(
        try await Self.send(Self.message("QuotaNearlyUsed"), token: secret, to: client).status
          == .noContent)

      let notices = try await everybody.site.database.read { connection in
        try connection.query("SELECT kind FROM notices WHERE kind = 'alert.began'").count
      }
      #expect(notices == 2, "webhooks and mails are told")

      let editor = try everybody.actor("editor").browser
      let viewer = try everybody.actor("viewer").browser
      let application = try await viewer.get("/projects/shop/apps/web").text
      #expect(application.contains("ManyErrors of web") && application.contains("Do ManyErrors."))
      #expect(application.contains("2 cores now; usual at this hour is 1 cores."))
      #expect(application.contains("Errors rose"))
      #expect(application.contains("/projects/shop/apps/web/metrics#errors"))
      #expect(application.contains(#"href="https://example.org/runbook""#))
      #expect(!application.contains("QuotaNearlyUsed"))
      let project = try await viewer.get("/projects/shop").text
      #expect(project.contains("What is wrong now") && project.contains("QuotaNearlyUsed of web"))
      #expect(try await viewer.get("/projects").text.contains("2 alerts"))
      let list = try await viewer.get("/projects/shop/alerts?severity=critical&name=ManyErrors")
      #expect(list.text.contains("ManyErrors of web") && !list.text.contains("QuotaNearlyUsed of"))
      let path = String(
        try #require(
          list.text.firstMatch(of: #/\/projects\/shop\/alerts\/[0-9a-f-]{36}/#)
        ).output)
      #expect(
        try await viewer.get(path).text.contains(
          "Only editors and owners of this project may silence its alerts."))
      #expect(try await viewer.post(path + "/silences", ["scope": "alert"]).status == .forbidden)

      try await editor.get(path)
      let wrong = try await editor.post(
        path + "/silences", ["scope": "alert", "duration": "until", "comment": "kept <b>"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains("Say until when") && wrong.text.contains("kept &lt;b&gt;"))
      let silenced = try await editor.post(
        path + "/silences", ["scope": "name", "duration": "8h", "comment": "known"])
      #expect(silenced.headers[.location] == "/projects/shop/alerts")
      #expect(try await viewer.get("/projects").text.contains("1 alert"))
      let page = try await viewer.get("/projects/shop/alerts").text
      #expect(page.contains("silenced by editor") && page.contains("known"))
      #expect(!page.contains("End<span"), "a viewer ends nothing")
      let quiet = try await viewer.get("/projects/shop/apps/web").text
      #expect(!quiet.contains("ManyErrors of web") && quiet.contains("1 silenced"))

      let mine = try await editor.get("/projects/shop/alerts").text
      let end = String(
        try #require(
          mine.firstMatch(of: #/\/projects\/shop\/silences\/[0-9a-f-]{36}\/end/#)
        ).output)
      #expect(try await editor.post(end, [:]).status == .seeOther)
      #expect(try await viewer.get("/projects").text.contains("2 alerts"))
      let stranger = try everybody.actor("stranger").browser
      #expect(try await stranger.get(path).status == .notFound)
      let platform = try await admin.get("/admin/alerts?project=shop").text
      #expect(platform.contains("ManyErrors of web"))
    }
  }

  @Test func `the hook tells nothing to whoever lacks its token`() async throws {
    try await withSandboxSite { site in
      let before = try await DatabaseDump.of(site.database)
      for token in [nil, "", "x", String(repeating: "x", count: 5_000)] {
        let answer = try await Self.send(Self.message("A"), token: token, to: site.client)
        #expect(answer.status == .unauthorized && answer.body.readableBytes == 0)
        #expect(answer.headers[.wwwAuthenticate] == "Bearer")
        #expect(answer.headers[.setCookie] == nil)
      }
      // Nor does what admits a person.
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      let answer = try await ann.post("/hooks/alertmanager", [:])
      #expect(answer.status == .unauthorized)
      #expect(
        try await site.client.executeRequest(
          uri: "/hooks/alertmanager", method: .get, headers: [:], body: nil
        ).status == .methodNotAllowed)
      let after = try await DatabaseDump.of(site.database)
      #expect(after.tables["alerts"] == before.tables["alerts"])
    }
  }
}
