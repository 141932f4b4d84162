import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

struct ImageTagsTests {
  /// A registry on loopback: what was asked of it, with its authorization, and
  /// what it answers.
  private final class TinyRegistry: Sendable {
    private let server: LoopbackServer
    private let asked: Asked
    var port: Int { server.port }
    var requests: [String] { asked.lines.withLock { $0 } }

    private final class Asked: Sendable {
      let lines = Mutex<[String]>([])
    }

    /// - Parameter answer: status, headers and body for a path and its
    ///   authorization.
    init(
      _ answer: @escaping @Sendable (_ path: String, _ token: String) -> (String, String, String)
    )
      throws
    {
      let asked = Asked()
      self.asked = asked
      server = try LoopbackServer { connection in
        guard let first = connection.line() else { return }
        let path = first.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        var token = ""
        while let line = connection.line(), !line.isEmpty {
          if line.lowercased().hasPrefix("authorization: ") { token = String(line.dropFirst(15)) }
        }
        asked.lines.withLock { $0.append("\(path) \(token)") }
        let (status, headers, body) = answer(path, token)
        connection.say(
          "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      }
    }

    func stop() { server.stop() }
  }

  private func tags(_ fixture: DeployingFixture, nearest: IPAddress.Reach = .machine) -> ImageTags {
    ImageTags(
      projects: fixture.projects,
      transport: OutboundTransport(
        addresses: OutboundAddresses(nearest: nearest), timeout: .seconds(10),
        allowsPlain: nearest == .machine))
  }

  @Test func `a registry is asked as nobody, with the token that it gives to anybody`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      let port = Mutex(0)
      let registry = try TinyRegistry { path, token in
        if path.hasPrefix("/token") { return ("200 OK", "", #"{"token": "for-anybody"}"#) }
        guard token == "Bearer for-anybody" else {
          let realm = "http://127.0.0.1:\(port.withLock { $0 })/token"
          return (
            "401 Unauthorized",
            "WWW-Authenticate: Bearer realm=\"\(realm)\",service=\"tiny\"\r\n", "{}"
          )
        }
        return (
          "200 OK", "",
          #"{"name": "team/app", "tags": ["1.9", "latest", "1.10", "bad tag", "sha256-ab.sig"]}"#
        )
      }
      defer { registry.stop() }
      port.withLock { $0 = registry.port }
      let tags = tags(fixture)
      let image = "127.0.0.1:\(registry.port)/team/app:1.9"

      let found = try await tags.tags(of: image, in: "shop", as: fixture.ann)
      #expect(found == ["1.10", "1.9", "latest", "sha256-ab.sig"])
      #expect(
        registry.requests == [
          "/v2/team/app/tags/list?n=1000 ",
          "/token?service=tiny&scope=repository:team/app:pull ",
          "/v2/team/app/tags/list?n=1000 Bearer for-anybody",
        ])
      // Once a minute is enough, whatever the tag.
      _ = try await tags.tags(
        of: "127.0.0.1:\(registry.port)/team/app", in: "shop", as: fixture.ann)
      #expect(registry.requests.count == 3)
    }
  }

  @Test(arguments: [
    ("404 Not Found", "{}", "It knows no image"), ("403 Forbidden", "{}", "who is logged in"),
    ("401 Unauthorized", "{}", "who is logged in"), ("429 Slow", "{}", "asked too often"),
    ("200 OK", "<html>", "no list of tags"), ("302 Found", "", "It answered 302"),
    ("200 OK", String(repeating: " ", count: 70_000), "too large"),
  ])
  func `a registry that doesn't tell is a sentence`(
    status: String, body: String, sentence: String
  ) async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      let registry = try TinyRegistry { _, _ in (status, "Location: http://127.0.0.1/\r\n", body) }
      defer { registry.stop() }

      let error = await refusal {
        try await tags(fixture).tags(
          of: "127.0.0.1:\(registry.port)/app", in: "shop", as: fixture.ann)
      }

      #expect(error?.reason == .unavailable)
      #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
      #expect(error?.advice == "Type the tag yourself.")
    }
  }

  @Test func `nobody makes the server look inwards, and only who may deploy asks`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      let registry = try TinyRegistry { _, _ in ("200 OK", "", #"{"tags": ["1"]}"#) }
      defer { registry.stop() }
      let image = "127.0.0.1:\(registry.port)/app"

      let inwards = await refusal {
        try await tags(fixture, nearest: .world).tags(of: image, in: "shop", as: fixture.ann)
      }
      #expect(inwards?.message.contains("connects to nothing") == true)
      let stranger = await refusal {
        try await tags(fixture).tags(of: image, in: "shop", as: fixture.bob)
      }
      #expect(stranger?.reason == .notFound)
      let wrong = await refusal {
        try await tags(fixture).tags(of: "no image", in: "shop", as: fixture.ann)
      }
      #expect(wrong?.wrongFields == ["image"])
      #expect(registry.requests.isEmpty)
    }
  }

  @Test func `versions come first, the newest of them before all`() {
    #expect(
      ImageTags.sorted(["latest", "1.2", "v1.10.0", "1.27-alpine", "1.27", "stable", "sha256-x"])
        == ["1.27", "1.27-alpine", "v1.10.0", "1.2", "latest", "stable", "sha256-x"])
    #expect(ImageTags.sorted((1...500).map(String.init)).count == 100)
  }
}
