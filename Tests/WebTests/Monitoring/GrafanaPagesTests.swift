import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Domain
@testable import Web

struct GrafanaPagesTests {
  private static let site = "https://grafana.example.net"
  private static let jwt = GrafanaSettings(
    address: site, signIn: .jwt, organization: 3, issuer: "https://babyhelm.example.net")

  /// What a token in an address says.
  private struct Claims: Decodable {
    let iss: String
    let sub: String
    let login: String
    let email: String
    let name: String
    let role: String
    let namespaces: [String]
    let iat: Int
    let exp: Int
  }

  private static func claims(in location: String) throws -> Claims {
    let token = try #require(location.split(separator: "auth_token=").dropFirst().first)
    let payload = try #require(token.split(separator: ".").dropFirst().first)
    return try JSONDecoder().decode(Claims.self, from: try #require(Data(base64URL: payload)))
  }

  @Test func `without a Grafana nothing of it is on any page`() async throws {
    try await withProject { ann, _ in
      let page = try await ann.get("/projects/shop?grafana=shown")
      #expect(!page.text.contains("Grafana") && !page.text.contains("<iframe"))
      #expect(page.headers[.contentSecurityPolicy] == SecurityHeaders.policy)
      let way = try await ann.get("/projects/shop/grafana")
      #expect(way.status == .notFound && way.text.contains("No Grafana is connected"))
      #expect(try await ann.get("/admin/grafana").status == .notFound)
    }
  }

  @Test func `a page loads nothing of Grafana before the person opens it`() async throws {
    try await withProject(grafana: Self.jwt) { ann, _ in
      let closed = try await ann.get("/projects/shop")
      #expect(closed.text.contains("href=\"/projects/shop/grafana\""))
      #expect(closed.text.contains("href=\"/projects/shop?grafana=shown#grafana\""))
      #expect(!closed.text.contains("<iframe") && !closed.text.contains("auth_token"))
      #expect(closed.headers[.contentSecurityPolicy] == SecurityHeaders.policy)

      let open = try await ann.get("/projects/shop?grafana=shown")
      #expect(open.text.contains("src=\"/projects/shop/grafana?view=frame\""))
      #expect(open.text.contains("title=\"Grafana: project shop\""))
      #expect(open.text.contains("data-reopen=\"540\""))
      #expect(!open.text.contains("auth_token"))
      let policy = try #require(open.headers[.contentSecurityPolicy])
      #expect(policy == SecurityHeaders.policy + "; frame-src 'self' \(Self.site)")
      #expect(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"))
    }
  }

  @Test func `a page with a frame keeps its policy when it isn't sent again`() async throws {
    try await withProject(grafana: Self.jwt) { ann, _ in
      // The first page may carry a message.
      try await ann.get("/projects/shop")
      let open = try await ann.get("/projects/shop?grafana=shown")
      let tag = try #require(open.headers[.eTag])

      let again = try await ann.send("/projects/shop?grafana=shown", .get, [.ifNoneMatch: tag])

      try #require(again.status == .notModified)
      #expect(again.headers[.contentSecurityPolicy] == open.headers[.contentSecurityPolicy])
    }
  }

  @Test func `the way to Grafana says who comes, and nobody keeps it`() async throws {
    try await withProject(grafana: Self.jwt) { ann, _ in
      let way = try await ann.get("/projects/shop/grafana?view=frame")
      #expect(way.status == .found)
      let location = try #require(way.headers[.location])
      #expect(
        location.hasPrefix(
          "\(Self.site)/d/babyhelm-project/project?orgId=3&var-namespace=shop"
            + "&var-babyhelm=https%3A%2F%2Fbabyhelm.example.net&kiosk&auth_token="))
      #expect(way.headers[.cacheControl] == "no-store")
      #expect(way.headers[SecurityHeaders.referrerPolicy] == "no-referrer")
      #expect(way.text.isEmpty)
      let claims = try Self.claims(in: location)
      #expect(claims.iss == "https://babyhelm.example.net" && claims.role == "Viewer")
      #expect(claims.sub == claims.login && claims.login.hasPrefix("babyhelm-"))
      #expect(claims.email == "\(claims.login)@babyhelm.invalid" && claims.name == "Ann")
      #expect(!location.contains("ann@example"))
      #expect(claims.namespaces == ["shop"])
      #expect(claims.exp - claims.iat == Int(IdentityTokens.lifetime))
      let cluster = try await ann.get("/admin/grafana?dashboard=cluster")
      #expect(cluster.headers[.location]?.contains("/d/babyhelm-cluster/cluster?") == true)
      let overview = try await ann.get("/admin/cluster")
      #expect(overview.text.contains("href=\"/admin/grafana?dashboard=cluster\""))
      #expect(overview.text.contains("href=\"/admin/grafana?dashboard=server\""))
      let missing = try await ann.get("/projects/shop/apps/nothing/grafana")
      #expect(missing.status == .notFound)
    }
  }

  @Test func `strangers, tokens and suspended people get no token`() async throws {
    try await withProject(grafana: Self.jwt) { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      #expect(try await bob.get("/projects/shop/grafana").status == .notFound)
      #expect(try await bob.get("/admin/grafana").status == .forbidden)
      let anonymous = try await Browser(site.client).get("/projects/shop/grafana")
      #expect(anonymous.headers[.location]?.hasPrefix("/login") == true)

      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      #expect(try await bob.get("/projects/shop/grafana").status == .found)
      let reader = try #require(
        try await site.services.domain.accounts.users(matching: "bob", page: 1, as: .commandLine)
          .users.first.map {
            Principal(
              userID: $0.id, name: $0.name, email: $0.email, role: $0.role,
              credential: .token(APIToken.ID(rawValue: "t"), .read))
          })
      await #expect(throws: DomainError.self) {
        try await site.services.domain.grafana.visit(
          project: "shop", isFramed: false, as: reader)
      }
      try await site.database.write { connection in
        try connection.execute(
          "UPDATE users SET suspended_at = \(Date()) WHERE email = 'bob@example.net'")
      }
      let suspended = try await bob.get("/projects/shop/grafana")
      #expect(suspended.headers[.location]?.hasPrefix("/login") == true)
    }
  }

  @Test func `who looks around is nobody in particular, and a trial stays here`() async throws {
    let visitor = Principal(
      userID: User.ID(rawValue: "v"), name: "Visitor", email: "v@visitors.invalid",
      role: .visitor, credential: .session(Session.ID(rawValue: "s")), vanishesAt: Date())
    #expect(GrafanaIdentity(visitor) == .visitors)
    #expect(GrafanaIdentity.owner(of: "babyhelm-visitors") == .visitors)
    #expect(GrafanaIdentity.owner(of: "babyhelm-7") == .person(User.ID(rawValue: "7")))
    for login in ["admin", "babyhelm-", "Babyhelm-7", ""] {
      #expect(GrafanaIdentity.owner(of: login) == .unknown)
    }
    try await withProject(grafana: Self.jwt) { _, site in
      try await site.database.write { connection in
        try connection.execute("UPDATE projects SET is_demo = 1 WHERE name = 'shop'")
      }
      let grafana = site.services.domain.grafana
      let address = try await grafana.visit(project: "shop", isFramed: false, as: visitor)
      #expect(try Self.claims(in: address).login == "babyhelm-visitors")
      try await site.database.write { connection in
        try connection.execute(
          "UPDATE projects SET expires_at = \(Date(timeIntervalSinceNow: 600)) WHERE name = 'shop'")
      }
      let membership = try await site.services.domain.projects.project(
        named: "shop", as: .commandLine)
      #expect(grafana.offer(in: membership) == nil)
      await #expect(throws: DomainError.self) {
        try await grafana.visit(project: "shop", isFramed: false, as: .commandLine)
      }
    }
  }

  @Test func `an open Grafana is framed from its own address, a closed one only linked`()
    async throws
  {
    let address = "https://grafana.example.net/d/babyhelm-project/project?var-namespace=shop"
    try await withProject(grafana: GrafanaSettings(address: Self.site, signIn: .anonymous)) {
      ann, _ in
      let open = try await ann.get("/projects/shop?grafana=shown")
      #expect(open.text.contains("src=\"\(address)&amp;kiosk\""))
      #expect(
        open.headers[.contentSecurityPolicy]
          == SecurityHeaders.policy + "; frame-src \(Self.site)")
      #expect(try await ann.get("/projects/shop/grafana").headers[.location] == address)
    }
    try await withProject(grafana: GrafanaSettings(address: Self.site)) { ann, _ in
      let page = try await ann.get("/projects/shop?grafana=shown")
      #expect(page.text.contains("href=\"\(address)\"") && !page.text.contains("<iframe"))
      #expect(page.headers[.contentSecurityPolicy] == SecurityHeaders.policy)
    }
  }

  @Test func `public keys are for everybody, and name one algorithm`() async throws {
    try await withSite { client, _ in
      let answer = try await Browser(client).get("/.well-known/jwks.json")
      #expect(answer.status == .ok)
      #expect(answer.headers[.contentType] == "application/jwk-set+json")
      #expect(answer.headers[.cacheControl] == "public, max-age=300")
      #expect(answer.headers[.setCookie] == nil)
      struct Keys: Decodable {
        let keys: [[String: String]]
      }
      let keys = try JSONDecoder().decode(Keys.self, from: Data(answer.text.utf8)).keys
      let key = try #require(keys.first)
      #expect(keys.count == 1 && key["alg"] == "ES256" && key["crv"] == "P-256")
      #expect(Set(key.keys) == ["kty", "crv", "x", "y", "kid", "alg", "use"], "and nothing secret")
    }
  }
}

struct GrafanaConfigurationTests {
  private static func settings(_ flags: [AppConfiguration.Key: String]) throws -> GrafanaSettings? {
    try AppConfiguration(flags: flags, environment: [:]).grafana
  }

  @Test func `an address is taken in one form, and what it needs is asked for`() throws {
    #expect(try Self.settings([:]) == nil)
    #expect(
      try Self.settings([.grafanaURL: "HTTPS://Grafana.Example.net:443/sub/"])
        == GrafanaSettings(address: "https://grafana.example.net/sub"))
    let full = try Self.settings([
      .grafanaURL: "https://g.example.net", .grafanaAuth: "jwt", .grafanaOrganization: "2",
      .publicURL: "https://b.example.net",
    ])
    #expect(
      full
        == GrafanaSettings(
          address: "https://g.example.net", signIn: .jwt, organization: 2,
          issuer: "https://b.example.net"))
    #expect(GrafanaSettings(address: "http://127.0.0.1:3000/a/b").origin == "http://127.0.0.1:3000")
  }

  @Test(
    arguments: [
      [.grafanaURL: "grafana.example.net"], [.grafanaURL: "ftp://g.example.net"],
      [.grafanaURL: "https://g.example.net?x=1"], [.grafanaURL: "https://u:p@g.example.net"],
      [.grafanaURL: "https://g.example.net;script-src"], [.grafanaURL: "https://g.example.net/a b"],
      [.grafanaURL: "https://g.example.net", .grafanaAuth: "basic"],
      [.grafanaURL: "https://g.example.net", .grafanaOrganization: "0"],
      [.grafanaAuth: "jwt"], [.grafanaOrganization: "1"],
      // Nothing to name as the issuer; a token in the clear; BabyHelm's own address.
      [.grafanaURL: "https://g.example.net", .grafanaAuth: "jwt"],
      [
        .grafanaURL: "http://g.example.net", .grafanaAuth: "jwt",
        .publicURL: "https://b.example.net",
      ],
      [
        .grafanaURL: "https://b.example.net/grafana", .grafanaAuth: "anonymous",
        .publicURL: "https://b.example.net",
      ],
    ] as [[AppConfiguration.Key: String]])
  func `what can't work is refused at the start`(flags: [AppConfiguration.Key: String]) {
    #expect(throws: StartupError.self) { try Self.settings(flags) }
  }
}
