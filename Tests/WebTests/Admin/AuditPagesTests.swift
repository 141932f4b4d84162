import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct AuditPagesTests {
  @Test func `an admin finds what somebody did, and takes all of it away as a file`() async throws {
    try await withSite { client, _ in
      let (admin, bob) = (Browser(client), Browser(client))
      try await admin.register(name: "Ada", email: "ada@example.net")
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await bob.get("/account")
      try await bob.post("/account/name", ["name": "=cmd|calc"])

      let all = try await admin.get("/admin/audit")
      #expect(all.text.contains("Change one’s name") && all.text.contains("ada@example.net"))
      #expect(all.text.contains(#"<option value="account.rename">Change one’s name</option>"#))
      #expect(all.text.contains(">Since</label>") || all.text.contains(">Since <span"))
      let one = try await admin.get("/admin/audit?actor=BOB@&action=account.rename")
      #expect(one.text.contains("=cmd|calc"))
      #expect(
        !one.text.contains(
          "<th class=\"audit-who\" scope=\"row\" data-label=\"Who\">ada@example.net"))
      let none = try await admin.get("/admin/audit?outcome=failed&actor=100%25")
      #expect(none.text.contains("Nothing happened that this asks for."))
      let days = try await admin.get("/admin/audit?since=2000-01-01&until=2000-01-02")
      #expect(days.text.contains("No rows"))

      let csv = try await admin.get("/admin/audit.csv")
      #expect(csv.headers[.contentType] == "text/csv; charset=utf-8")
      #expect(csv.text.hasPrefix("number,time,actor"))
      #expect(csv.text.contains("account.rename"))
      let lines = try await admin.get("/admin/audit.jsonl")
      #expect(lines.text.split(separator: "\n").count >= 3)
      for path in ["/admin/audit", "/admin/audit.csv", "/admin/audit.jsonl"] {
        #expect(try await bob.get(path).status == .forbidden, "\(path)")
      }
    }
  }

  @Test func `every action has a name of its own`() {
    #expect(AuditAction.allCases.filter { $0.label == $0.rawValue } == [])
    #expect(Set(AuditAction.allCases.map(\.label)).count == AuditAction.allCases.count)
  }

  @Test func `owners see what was done in their project, editors and strangers don't`()
    async throws
  {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      #expect(try await bob.get("/projects/shop/audit").status == .notFound)
      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "editor"])
      #expect(try await bob.get("/projects/shop/audit").status == .forbidden)
      #expect(try await !bob.get("/projects/shop").text.contains("/projects/shop/audit"))

      let page = try await ann.get("/projects/shop/audit")
      #expect(page.text.contains("Create a project") && page.text.contains("Add a member"))
      #expect(!page.text.contains("Register"), "nothing of other places")
      #expect(try await ann.get("/projects/shop").text.contains("/projects/shop/audit"))
    }
  }
}
