import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// What holds for every route, read from the router itself, so that a new one
/// is covered on the day it is added.
@Suite struct EveryRouteTests {
  /// Routes that answer people who aren't signed in.
  private static let open: Set<String> = [
    "/", "/login", "/register", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/robots.txt",
    "/schema/application.json", "/docs", "/.well-known/jwks.json", "/unsubscribe",
  ]

  @Test func `without a session every other page leads to the login`() async throws {
    try await withSandboxSite { site in
      let stranger = Browser(site.client)
      var asked = 0
      for route in Self.pages(of: site) where !Self.isOpen(route.path) {
        asked += 1
        let answer = try await stranger.get(Self.example(route.path))
        // The address of a form; there is no page to see.
        if answer.status == .methodNotAllowed { continue }
        #expect(answer.status == .seeOther, "\(route.path)")
        #expect(answer.headers[.location]?.hasPrefix("/login") == true, "\(route.path)")
      }
      #expect(asked >= 10)
    }
  }

  @Test func `a form without its token changes nothing`() async throws {
    try await withProject { ann, site in
      var asked = 0
      for route in SiteRouter.make(site: Site(), services: site.services).routes
      where route.method == .post && !route.path.description.hasPrefix("/api/v1")
        // A hook is no form; its secret is what admits: HookPagesTests, AlertPagesTests.
        && !route.path.description.hasPrefix("/hooks/")
      {
        asked += 1
        let answer = try await ann.post(
          Self.example(route.path.description), ["_token": "wrong", "name": "other"])
        #expect([.forbidden, .methodNotAllowed].contains(answer.status), "\(route.path)")
      }
      #expect(asked >= 5)
    }
  }

  @Test func `a stranger gets the answer of a missing project on every project route`()
    async throws
  {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      for route in Self.pages(of: site) where route.path.contains(":project") {
        let answer = try await bob.get(Self.example(route.path))
        #expect(answer.status == .notFound, "\(route.path)")
      }
      for path in ["/projects/shop/apps/new", "/projects/shop/apps/web/edit"] {
        let answer = try await bob.post(path, ["name": "web", "image": "nginx:1.27"])
        #expect(answer.status == .notFound, "\(path)")
      }
    }
  }

  @Test func `unknown paths, methods and spellings are refused`() async throws {
    try await withProject { ann, _ in
      for path in [
        "/nothing", "/PROJECTS", "/projects/shop/nothing", "/projects/shop/apps/web/nothing",
      ] {
        let answer = try await ann.get(path)
        #expect(answer.status == .notFound, "\(path)")
      }
      let answer = try await ann.send("/projects", .delete)
      #expect(answer.status == .methodNotAllowed)
    }
  }

  private static func pages(of site: SandboxSite) -> [(path: String, method: HTTPRequest.Method)] {
    SiteRouter.make(site: Site(), services: site.services).routes
      // Calls of the API have rules of their own: ConventionTests.
      .filter { $0.method == .get && !$0.path.description.hasPrefix("/api/v1") }
      .map { ("/" + $0.path.description.drop { $0 == "/" }, $0.method) }
  }

  private static func isOpen(_ path: String) -> Bool {
    open.contains(path) || path.hasPrefix("/static") || path == "/logout"
  }

  private static func example(_ path: String) -> String {
    "/"
      + path.split(separator: "/").map { part in
        switch part {
        case ":project", "{project}": "shop"
        case ":application", "{application}": "web"
        case ":user", "{user}": "somebody"
        default: String(part)
        }
      }.joined(separator: "/")
  }
}
