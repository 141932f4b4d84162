import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// The way between a project's pages, which stands on all of them.
@Suite struct ProjectTabsTests {
  /// The tabs of a page, and which of them it is or is below.
  private static func tabs(in page: String) throws -> (all: [String], current: String) {
    let bar = try #require(
      page.firstMatch(of: #/(?s)<nav class="tabs" aria-label="Project">(.*?)<\/nav>/#)
    ).output.1
    let links = bar.matches(of: #/<a href="[^"]*"( aria-current="(?:page|true)")?>([^<]*)<\/a>/#)
    let current = links.filter { $0.output.1 != nil }.map { match in
      "\(match.output.2)\(match.output.1 == " aria-current=\"true\"" ? " above" : "")"
    }
    return (links.map { String($0.output.2) }, current.joined(separator: ", "))
  }

  @Test func `every page of a project has its tabs, with the current one marked`() async throws {
    let all = [
      "Applications", "Monitoring", "Alerts", "Use and cost", "Members", "Notifications", "Audit",
      "Settings",
    ]
    try await withProject { ann, _ in
      try await ann.get("/projects/shop/notifications")
      let webhook = try await ann.post(
        "/projects/shop/webhooks",
        [
          "name": "Chat", "url": "https://hooks.example.org/x", "format": "chat",
          "events": "alert.began",
        ])
      let id = try #require(webhook.text.firstMatch(of: #/\/webhooks\/([^"\/]+)\/test/#)).output.1
      let pages = [
        ("", "Applications"), ("/monitoring", "Monitoring"), ("/alerts", "Alerts"),
        ("/usage", "Use and cost"), ("/members", "Members"), ("/notifications", "Notifications"),
        ("/audit", "Audit"), ("/settings", "Settings"), ("/quota", "Applications above"),
        ("/adopt", "Applications above"), ("/webhooks/\(id)", "Notifications above"),
      ]
      for (path, current) in pages {
        let tabs = try Self.tabs(in: try await ann.get("/projects/shop\(path)").text)
        #expect(tabs.all == all, "\(path)")
        #expect(tabs.current == current, "\(path)")
      }
    }
  }

  @Test func `who may not see a page isn't shown its tab on the others`() async throws {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])

      for path in ["", "/monitoring", "/alerts", "/usage", "/members", "/quota"] {
        let tabs = try Self.tabs(in: try await bob.get("/projects/shop\(path)").text)
        #expect(!tabs.all.contains("Audit") && tabs.all.contains("Members"), "\(path)")
      }
    }
  }
}
