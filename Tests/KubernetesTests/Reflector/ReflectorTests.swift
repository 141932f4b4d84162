import Foundation
import Kubernetes
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ReflectorTests {
  /// Collects what a reflector tells, in words.
  private final class Ear: Sendable {
    private let words = Mutex<[String]>([])

    var heard: [String] { words.withLock(\.self) }
    /// Without heartbeats.
    var changes: [String] { heard.filter { $0 != "beat" } }
    func forget() { words.withLock { $0.removeAll() } }

    func hear(_ event: ReflectorEvent<CoreV1.Pod>) {
      let word =
        switch event {
        case .replaced(let pods): "=" + pods.map(\.metadata.name).joined(separator: ",")
        case .applied(let pod): "~\(pod.metadata.name)"
        case .deleted(let object): "-\(object.namespace ?? "")/\(object.name)/\(object.uid)"
        case .skipped(let object): "?\(object.name)"
        case .heartbeat: "beat"
        case .failed(let error): "!\(error.description)"
        }
      words.withLock { $0.append(word) }
    }
  }

  private static let quick = ReflectorTiming(
    pageSize: 2, minimumPause: .milliseconds(1), maximumPause: .milliseconds(20))

  /// Runs a reflector of all pods against a scenario.
  private func play(
    timing: ReflectorTiming = quick, _ scenario: @escaping ScriptedServer.Scenario,
    _ body: (Ear, ScriptedServer) async throws -> Void
  ) async throws {
    try await ScriptedServer.run(scenario: scenario) { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
      try await withClient(ClusterConfiguration(server: url)) { client in
        let ear = Ear()
        let reflector = Reflector(
          CoreV1.Pod.self, client: client, labelSelector: "a=b", timing: timing, logger: silence
        ) { event in ear.hear(event) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { await reflector.run() }
          defer { group.cancelAll() }
          try await body(ear, server)
        }
      }
    }
  }

  private static func pod(_ name: String, version: Int) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)"),
        "resourceVersion": .string("\(version)"),
      ]
    ]
  }

  private static func list(
    _ names: [String], version: Int, next: String? = nil
  ) -> [ScriptedServer.Action] {
    var metadata: JSONValue = ["resourceVersion": .string("\(version)")]
    metadata["continue"] = next.map(JSONValue.string)
    return .answer([
      "metadata": metadata, "items": .array(names.map { pod($0, version: version) }),
    ])
  }

  private static func event(
    _ type: String, _ name: String, version: Int
  ) -> [ScriptedServer.Action] {
    let event: JSONValue = ["type": .string(type), "object": pod(name, version: version)]
    return .chunk(event.description + "\n")
  }

  private static func bookmark(_ version: Int) -> [ScriptedServer.Action] {
    .chunk(
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"\#(version)"}}}"# + "\n")
  }

  /// The resource versions that watches began with.
  private func watched(_ server: ScriptedServer) -> [String] {
    server.requests.filter(\.isWatch).compactMap { request in
      let range = request.target.firstRange(of: "resourceVersion=")
      return range.map { String(request.target[$0.upperBound...].prefix { $0 != "&" }) }
    }
  }

  @Test func `pages become one list, and changes follow`() async throws {
    try await play { request in
      if request.isWatch {
        return .chunkedHead + Self.event("ADDED", "d", version: 11)
          + Self.event("MODIFIED", "a", version: 12) + Self.event("DELETED", "b", version: 13)
          + [.hold]
      }
      return request.target.contains("continue=page2")
        ? Self.list(["c"], version: 10) : Self.list(["a", "b"], version: 10, next: "page2")
    } _: { ear, server in
      try await eventually("all is told") { ear.changes.count == 4 }

      #expect(ear.changes == ["=a,b,c", "~d", "~a", "-shop/b/uid-b"])
      let targets = server.requests.map(\.target)
      #expect(targets[0] == "/api/v1/pods?labelSelector=a%3Db&limit=2")
      #expect(targets[1] == "/api/v1/pods?labelSelector=a%3Db&limit=2&continue=page2")
      #expect(
        targets[2].hasPrefix(
          "/api/v1/pods?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true"
            + "&resourceVersion=10&timeoutSeconds=2"))
    }
  }

  @Test func `after a cut in the middle of a line it goes on where it was`() async throws {
    try await play { request in
      switch request.number {
      case 1: Self.list(["a"], version: 10)
      case 2:
        .chunkedHead + Self.event("ADDED", "b", version: 11) + .chunk(#"{"type":"ADDED","obj"#)
          + [.close]
      default: .chunkedHead + Self.event("ADDED", "c", version: 12) + [.hold]
      }
    } _: { ear, server in
      try await eventually("the next event is told") { ear.changes.contains("~c") }

      #expect(ear.changes.filter { !$0.hasPrefix("!") } == ["=a", "~b", "~c"])
      #expect(ear.changes.contains { $0.contains("closed the connection") })
      #expect(watched(server) == ["10", "11"])
    }
  }

  @Test func `a watch that the server ends is taken up at the last bookmark`() async throws {
    try await play { request in
      switch request.number {
      case 1: Self.list([], version: 10)
      case 2: .chunkedHead + Self.bookmark(15) + .end
      case 3: .chunkedHead + Self.bookmark(20) + .end
      default: .chunkedHead + [.hold]
      }
    } _: { ear, server in
      try await eventually("the third watch is open") { watched(server).count == 3 }

      #expect(watched(server) == ["10", "15", "20"])
      #expect(ear.changes == ["="])
      #expect(ear.heard.contains("beat"))
    }
  }

  @Test(arguments: [true, false])
  func `a version that is too old means a new list`(asEvent: Bool) async throws {
    let status = #"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#
    try await play { request in
      switch request.number {
      case 1: Self.list(["a"], version: 10)
      case 2 where asEvent:
        .chunkedHead + .chunk(#"{"type":"ERROR","object":\#(status)}"# + "\n") + .end
      case 2: .text(410, status)
      case 3: Self.list(["b"], version: 30)
      default: .chunkedHead + [.hold]
      }
    } _: { ear, server in
      try await eventually("the second watch is open") { watched(server).count == 2 }

      #expect(ear.changes == ["=a", "=b"])
      #expect(watched(server) == ["10", "30"])
    }
  }

  @Test func `a cluster that was restored from a backup is listed again`() async throws {
    try await play { request in
      switch request.number {
      case 1: Self.list(["a", "b"], version: 50)
      case 2: .chunkedHead + Self.event("ADDED", "c", version: 51) + Self.bookmark(20) + [.hold]
      case 3: Self.list(["a"], version: 21)
      default: .chunkedHead + [.hold]
      }
    } _: { ear, server in
      try await eventually("the second watch is open") { watched(server).count == 2 }

      #expect(ear.changes == ["=a,b", "~c", "=a"])
      #expect(watched(server) == ["50", "21"])
    }
  }

  @Test func `after an outage it asks whether versions went back before it watches`()
    async throws
  {
    try await play { request in
      switch request.number {
      case 1: Self.list(["a", "b"], version: 50)
      case 2: .refusal(503, "ServiceUnavailable")
      // One object is enough to learn the version.
      case 3: Self.list(["a"], version: 20)
      case 4: Self.list(["a"], version: 20)
      default: .chunkedHead + [.hold]
      }
    } _: { ear, server in
      try await eventually("it watches again") { watched(server).count == 2 }

      #expect(ear.changes.filter { !$0.hasPrefix("!") } == ["=a,b", "=a"])
      #expect(server.requests[2].target.contains("limit=1"))
      #expect(watched(server) == ["50", "20"])
    }
  }

  @Test func `after an outage in which nothing was lost it goes on where it was`() async throws {
    try await play { request in
      switch request.number {
      case 1: Self.list(["a"], version: 50)
      case 2: .refusal(503, "ServiceUnavailable")
      case 3: Self.list(["a"], version: 60)
      default: .chunkedHead + Self.event("ADDED", "b", version: 55) + [.hold]
      }
    } _: { ear, server in
      try await eventually("what happened meanwhile is told") { ear.changes.contains("~b") }

      #expect(ear.changes.filter { !$0.hasPrefix("!") } == ["=a", "~b"])
      #expect(watched(server) == ["50", "50"])
    }
  }

  @Test func `pages that expire become one list without pages`() async throws {
    try await play { request in
      if request.isWatch { return .chunkedHead + [.hold] }
      if request.target.contains("continue") { return .refusal(410, "Expired") }
      return request.target.contains("limit")
        ? Self.list(["a", "b"], version: 10, next: "page2")
        : Self.list(["a", "b", "c"], version: 12)
    } _: { ear, server in
      try await eventually("it watches") { watched(server) == ["12"] }

      #expect(ear.changes == ["=a,b,c"])
    }
  }

  @Test func `failures are told, and it never gives up`() async throws {
    try await play { request in
      switch request.number {
      case 1...3: .refusal(403, "Forbidden")
      case 4: Self.list(["a"], version: 10)
      case 5, 6: .refusal(500, "InternalError")
      default: .chunkedHead + Self.event("ADDED", "b", version: 11) + [.hold]
      }
    } _: { ear, server in
      try await eventually("the event is told") { ear.changes.contains("~b") }

      #expect(ear.changes.filter { $0.hasPrefix("!") }.count == 5)
      #expect(ear.changes.filter { !$0.hasPrefix("!") } == ["=a", "~b"])
      #expect(watched(server) == ["10", "10", "10"])
    }
  }

  @Test func `a silent watch is taken for dead`() async throws {
    var timing = Self.quick
    timing.livenessLimit = .milliseconds(100)
    try await play(timing: timing) { request in
      switch request.number {
      case 1: Self.list(["a"], version: 10)
      case 2: .chunkedHead + [.hold]
      default: .chunkedHead + Self.event("ADDED", "b", version: 11) + [.hold]
      }
    } _: { ear, server in
      try await eventually("it has connected again") { ear.changes.contains("~b") }

      #expect(ear.changes[1].hasSuffix("didn't answer within 0.1 s."))
    }
  }

  @Test func `bookmarks keep a watch alive`() async throws {
    var timing = Self.quick
    timing.livenessLimit = .milliseconds(400)
    let gates = (0..<6).map { _ in Gate() }
    try await play(timing: timing) { request in
      if request.number == 1 { return Self.list([], version: 10) }
      if request.number > 2 { return .chunkedHead + [.hold] }
      return .chunkedHead
        + gates.enumerated().flatMap { index, gate in [.wait(gate)] + Self.bookmark(11 + index) }
        + [.hold]
    } _: { ear, server in
      try await eventually("it watches") { watched(server).count == 1 }
      for (index, gate) in gates.enumerated() {
        // Time must pass here: six pauses are longer than the limit.
        try await Task.sleep(for: .milliseconds(100))
        gate.open()
        // One heartbeat when the watch opened, then one a bookmark.
        try await eventually("the bookmark is told") {
          ear.heard.filter { $0 == "beat" }.count >= index + 2
        }
      }

      #expect(watched(server).count == 1)
      #expect(ear.changes == ["="])
    }
  }

  @Test func `an object that can't be decoded doesn't stop the others`() async throws {
    let bad: JSONValue = ["metadata": ["name": "bad", "namespace": "shop", "labels": 1]]
    try await play { request in
      if request.isWatch {
        let gone: JSONValue = ["type": "DELETED", "object": bad]
        return .chunkedHead + .chunk(gone.description + "\n")
          + Self.event("ADDED", "b", version: 11) + [.hold]
      }
      return .answer([
        "metadata": ["resourceVersion": "10"], "items": [bad, Self.pod("a", version: 1)],
      ])
    } _: { ear, _ in
      try await eventually("the good event is told") { ear.changes.contains("~b") }

      #expect(ear.changes == ["?bad", "=a", "?bad", "-shop/bad/", "~b"])
    }
  }

  @Test func `a server that ends every watch at once isn't asked without a pause`() async throws {
    var timing = Self.quick
    timing.minimumPause = .milliseconds(400)
    timing.maximumPause = .milliseconds(400)
    try await play(timing: timing) { request in
      request.isWatch ? .chunkedHead + .end : Self.list([], version: 10)
    } _: { _, server in
      try await eventually("it watches for the third time") { watched(server).count >= 3 }

      let times = server.requests.filter(\.isWatch).map(\.arrivedAt)
      for (earlier, later) in zip(times, times.dropFirst()) {
        // Chance takes off up to a half.
        #expect(earlier.duration(to: later) >= .milliseconds(200))
      }
    }
  }

  @Test func `it ends when its task is cancelled or the client shut down`() async throws {
    try await ScriptedServer.run { request in
      request.isWatch ? .chunkedHead + [.hold] : Self.list([], version: 10)
    } _: { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
      let client = KubernetesClient(
        configuration: ClusterConfiguration(server: url), logger: silence)
      let reflector = Reflector(CoreV1.Pod.self, client: client, logger: silence) { _ in }
      let cancelled = Task { await reflector.run() }
      let shutDown = Task { await reflector.run() }
      try await eventually("both watch") { watched(server).count == 2 }

      cancelled.cancel()
      await cancelled.value
      await client.shutdown()
      await shutDown.value
    }
  }
}
