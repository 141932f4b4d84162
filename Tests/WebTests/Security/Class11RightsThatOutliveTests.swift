import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Web

/// Class 11: rights that outlive their removal. Streams and downloads that are
/// open end within five seconds, also when another replica took the right away.
@Suite(.timeLimit(.minutes(10))) struct Class11RightsThatOutliveTests {
  /// A person with an open stream, and how their right to it goes.
  private struct Loss: Sendable {
    let name: String
    var role = ProjectRole.editor
    /// Done by another replica, by an admin or by the person elsewhere.
    let happen:
      @Sendable (_ replica: DomainServices, _ admin: Principal, _ person: Principal) async throws
        -> Void
  }

  private static let losses: [Loss] = [
    Loss(name: "a member is removed") { replica, admin, person in
      _ = try await replica.projects.removeMember(person.userID, from: "shop", as: admin)
    },
    Loss(name: "a role in the project is changed") { replica, admin, person in
      _ = try await replica.projects.changeRole(
        of: person.userID, to: .viewer, in: "shop", as: admin)
    },
    Loss(name: "a role on the platform is changed", role: .viewer) { replica, admin, person in
      _ = try await replica.accounts.changeRole(of: person.userID, to: .visitor, as: admin)
    },
    Loss(name: "an account is suspended") { replica, admin, person in
      _ = try await replica.accounts.setSuspended(true, person.userID, as: admin)
    },
    Loss(name: "a password is changed elsewhere") { replica, _, person in
      var elsewhere = person
      elsewhere.credential = .session(Session.ID(rawValue: UUID().uuidString))
      try await replica.accounts.changePassword(
        from: "correct horse", to: "battery staple", as: elsewhere)
    },
    Loss(name: "a password is set with a link") { replica, admin, person in
      let (secret, _) = try await replica.accounts.makeReset(for: person.userID, as: admin)
      try await replica.accounts.resetPassword(
        secret: secret, to: "battery staple", from: ClientInfo(address: "::1", userAgent: ""))
    },
    Loss(name: "the person logs out") { replica, _, person in
      try await replica.accounts.signOut(as: person)
    },
  ]

  @Test func `class 11: a stream ends within five seconds of the right to it, on every replica`()
    async throws
  {
    try await withProject(.live) { ann, site in
      let admin = try await Self.principal("Ann", of: site)
      let replica = Services(
        database: site.database, cluster: Cluster(client: site.kubernetes),
        rules: AccountRules(firstUserBecomesAdmin: true),
        hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4),
        logger: quietLogger)
      _ = try await replica.domain.accounts.start()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, loss) in Self.losses.enumerated() {
          let name = "person\(index)"
          let browser = Browser(site.client)
          try await browser.register(name: name, email: "\(name)@example.net")
          try await site.database.write { connection in
            try connection.execute(
              """
              INSERT INTO memberships (project_id, user_id, role, created_at)
              SELECT p.id, u.id, \(loss.role), 0 FROM projects p, users u WHERE u.name = \(name)
              """)
          }
          let person = try await Self.principal(name, of: site)
          let cookie = browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
          let path = index.isMultiple(of: 2) ? "/projects/shop/live" : "/projects/shop/live?page=1"
          group.addTask {
            try await Self.expectEnd(
              of: path, cookie: cookie, person, loss, admin, replica.domain, site)
          }
        }
        try await group.waitForAll()
      }
      try await eventually("all places are given back") { site.services.streams.openCount == 0 }
    }
  }

  private final class Flag: Sendable {
    let isUp = Mutex(false)
  }

  private static func expectEnd(
    of path: String, cookie: String, _ person: Principal, _ loss: Loss, _ admin: Principal,
    _ replica: DomainServices, _ site: SandboxSite
  ) async throws {
    let streams = site.services.streams
    let port = try #require(site.client.port)
    let hasBegun = Flag()
    // A connection of its own: those of the test's client wait for each other.
    async let answer = RawConnection.exchange(
      ["GET \(path) HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookie)\r\n\r\n"], port: port,
      patience: .seconds(60)
    ) { text in
      if text.contains("event: fragment") { hasBegun.isUp.withLock { $0 = true } }
      return text.hasSuffix("\r\n0\r\n\r\n")
    }
    try await eventually("the stream is open") { streams.count(of: person.userID) == 1 }
    // Before anything is sent it is asked who is there.
    try await eventually("it sends") { hasBegun.isUp.withLock(\.self) }
    let clock = ContinuousClock()
    let start = clock.now
    try await loss.happen(replica, admin, person)
    try await eventually("it ends: \(loss.name)") { streams.count(of: person.userID) == 0 }
    #expect(clock.now - start < .seconds(5), "\(loss.name)")
    #expect(try await answer.hasPrefix("HTTP/1.1 200"))
  }

  @Test func `class 11: a download breaks off when its right is gone`() async throws {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, services in
        let accounts = services.domain.accounts
        pages.get("long") { request, context in
          Response(
            status: .ok,
            body: ResponseBody { writer in
              var timer = AccessTimer(watch: services.access, context)
              for piece in 0..<6_000 {
                try await timer.requireBetweenPieces()
                try await writer.write(ByteBuffer(string: "\(piece)\n"))
                if piece == 1 { try await accounts.signOut(as: context.principal) }
                try await Task.sleep(for: .milliseconds(10))
              }
              try await writer.finish(nil)
            })
        }
      }
    ) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      let clock = ContinuousClock()
      let start = clock.now

      // The connection is cut, so that nobody takes the part for the whole.
      await #expect(throws: (any Error).self) { try await browser.get("/long") }

      #expect(clock.now - start < .seconds(5))
    }
  }

  @Test func `class 11: a revoked token ends the stream that it opened`() async throws {
    try await withProject(.live) { ann, site in
      try await ann.get("/account")
      let page = try await ann.post(
        "/account/tokens", ["name": "watcher", "scope": "read", "days": "30"])
      let secret = String(
        try #require(page.text.firstMatch(of: #/babyhelm_[A-Za-z0-9_-]{40,}/#)).output)
      let person = try await Self.principal("Ann", of: site)
      let revoking = Task {
        try await eventually("it is open") { site.services.streams.count(of: person.userID) == 1 }
        let account = try await site.services.domain.accounts.ownAccount(as: person)
        for token in account.tokens {
          try await site.services.domain.accounts.revokeToken(token.id, as: person)
        }
      }
      let answer = try await site.client.executeRequest(
        uri: "/projects/shop/live", method: .get,
        headers: [.authorization: "Bearer \(secret)"], body: nil)
      try await revoking.value

      // It came to an end at all.
      #expect(answer.status == .ok)
    }
  }

  @Test(
    arguments: [
      ("https://sibling.example.ts.net", nil), (nil, "same-site"), (nil, "cross-site"),
      ("null", nil),
    ] as [(String?, String?)])
  func `class 18: no other site opens a stream with somebody's cookie`(
    origin: String?, site fetchSite: String?
  ) async throws {
    try await withProject { ann, _ in
      var headers = HTTPFields()
      headers[.origin] = origin
      headers[Browser.fetchSite] = fetchSite
      for path in ["/projects/shop/live"] {
        let answer = try await ann.send(path, .head, headers)
        #expect(answer.status == .forbidden)
      }
      let own = try await ann.send(
        "/projects/shop/live", .head, [Browser.fetchSite: "same-origin"])
      #expect(own.status == .ok)
    }
  }

  /// Whoever has this name, with the session they have.
  private static func principal(_ name: String, of site: SandboxSite) async throws -> Principal {
    let row = try #require(
      try await site.database.read {
        try $0.first(
          """
          SELECT u.id, u.email, u.role, s.id AS session FROM users u
          JOIN sessions s ON s.user_id = u.id WHERE u.name = \(name)
          """)
      })
    return Principal(
      userID: try row.get("id"), name: name, email: try row.get("email"),
      role: try row.get("role"), credential: .session(try row.get("session")))
  }
}
