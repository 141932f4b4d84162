import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct VisitPagesTests {
  static func turnOn(_ admin: Browser) async throws {
    let page = try await admin.get("/admin/settings")
    var fields = page.fields().filter {
      !["isDemoOn", "areDemoProjectsOn"].contains($0.0)
    }
    fields += [("isDemoOn", "on"), ("areDemoProjectsOn", "on")]
    let answer = try await admin.post("/admin/settings/policy", fields: fields)
    try #require(answer.status == .seeOther)
  }

  @Test func `a stranger looks around at demos with one click, and finds nobody there`()
    async throws
  {
    try await withProject { ann, site in
      let stranger = Browser(site.client)
      #expect(try await stranger.get("/").text.contains("Look around") == false)
      try await Self.turnOn(ann)
      try await ann.get("/projects/shop/settings")
      try await ann.post("/projects/shop/demo", ["isDemo": "on"])

      // What was decided a moment ago may be two seconds old on pages.
      try await eventually("the button is there") {
        try await stranger.get("/").text.contains("Look around")
      }
      let visit = try await stranger.post("/visit", [:])
      #expect(visit.headers[.location] == "/projects")
      let list = try await stranger.get("/projects")
      #expect(list.text.contains(">shop</a> <span class=\"tag\">demo</span>"))
      #expect(list.text.contains("Try a project of your own"))
      let project = try await stranger.get("/projects/shop")
      #expect(project.text.contains("You look at a demo"))
      #expect(!project.text.contains("/projects/shop/members"))
      #expect(!project.text.contains("ann@example"))
      for path in ["members", "audit", "adopt"] {
        let answer = try await stranger.get("/projects/shop/\(path)")
        #expect(answer.status == .forbidden, "\(path)")
        #expect(!answer.text.contains("ann@example"))
      }
      for path in ["/admin/users", "/account", "/projects/new"] {
        let answer = try await stranger.get(path)
        #expect(
          answer.status == .forbidden
            || !answer.text.contains("<form method=\"post\" action=\"\(path)"),
          "\(path)")
      }
      let deploy = try await stranger.post(
        "/projects/shop/apps/new", ["name": "web", "image": "nginx:1.27"])
      #expect(deploy.status == .forbidden)
      // They may still become somebody.
      #expect(try await stranger.get("/register").status == .ok)
      #expect(try await stranger.get("/login").status == .ok)
    }
  }

  @Test func `a visitor tries a project of their own`() async throws {
    try await withProject { ann, site in
      try await Self.turnOn(ann)
      let stranger = Browser(site.client)
      try await stranger.get("/login")
      try await stranger.post("/visit", [:])
      try await stranger.get("/projects")
      let made = try await stranger.post("/projects/trial", [:])
      let path = try #require(made.headers[.location])
      #expect(path.hasPrefix("/projects/trial-"))
      let page = try await stranger.get(path)
      #expect(page.text.contains("It vanishes <time"))
      #expect(page.text.contains("Deploy an application</a>"))
      #expect(
        try await ann.get("/admin/projects").text.contains("<span class=\"tag\">trial</span>"))
      #expect(try await ann.get("/admin/users").text.contains("visitors.invalid") == false)
      let another = try await ann.post("/projects/trial", [:])
      #expect(another.status == .forbidden, "who has an account makes a real one")
    }
  }
}
