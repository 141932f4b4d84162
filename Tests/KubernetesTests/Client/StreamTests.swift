import Foundation
import Kubernetes
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
  private func play(
    timeout: Duration = .seconds(10), _ scenario: @escaping ScriptedServer.Scenario,
    _ body: (KubernetesClient, ScriptedServer) async throws -> Void
  ) async throws {
    try await ScriptedServer.run(scenario: scenario) { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
      try await withClient(ClusterConfiguration(server: url), timeout: timeout) {
        try await body($0, server)
      }
    }
  }

  private static func event(_ type: String, _ name: String, version: Int = 1) -> String {
    """
    {"type":"\(type)","object":{"metadata":{"name":"\(name)","resourceVersion":"\(version)"}}}

    """
  }

  private func describe(_ event: WatchEvent<CoreV1.Pod>) -> String {
    switch event {
    case .added(let pod): "+\(pod.metadata.name)"
    case .modified(let pod): "~\(pod.metadata.name)"
    case .deleted(let pod): "-\(pod.metadata.name)"
    case .bookmark(let version): "@\(version)"
    case .undecodable(let object): "?\(object.name)\(object.isDeleted ? "-" : "")"
    }
  }

  /// Reads a watch to its end.
  private func read(_ client: KubernetesClient) async throws -> [String] {
    var seen: [String] = []
    for try await event in try await client.watch(CoreV1.Pod.self, namespace: "shop") {
      seen.append(describe(event))
    }
    return seen
  }

  @Test func `events come whole, however the bytes are cut`() async throws {
    let text =
      Self.event("ADDED", "a") + "\n" + Self.event("MODIFIED", "é😀")
      + Self.event("DELETED", "a")
      + #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"#
      + "\n" + #"{"type":"ADDED","object":{"metadata":{"name":"bad","labels":1}}}"# + "\n"
      + #"{"type":"DELETED","object":{"metadata":{"name":"bad","labels":1}}}"# + "\n"
    for size in [1, 7, 64, 10_000] {
      try await play { _ in
        var rest = Substring(text)
        var chunks: [ScriptedServer.Action] = []
        while !rest.isEmpty {
          chunks += .chunk(String(rest.prefix(size)))
          rest = rest.dropFirst(size)
        }
        return .chunkedHead + chunks + .end
      } _: { client, _ in
        let events = try await read(client)
        #expect(events == ["+a", "~é😀", "-a", "@7", "?bad", "?bad-"])
      }
    }
  }

  @Test func `an error event ends the stream with its status`() async throws {
    try await play { _ in
      .chunkedHead
        + .chunk(
          #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n")
        + [.hold]
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { try await read(client) }

      #expect(error?.isExpired == true)
    }
  }

  @Test func `a watch that is refused throws at once`() async throws {
    try await play { _ in
      .refusal(410, "Expired")
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { try await read(client) }

      #expect(error?.isExpired == true)
    }
  }

  @Test func `a connection cut in the middle of a line is lost, half a line never told`()
    async throws
  {
    try await play { _ in
      .chunkedHead + .chunk(Self.event("ADDED", "a") + #"{"type":"ADD"#) + [.close]
    } _: { client, server in
      let stream = try await client.watch(CoreV1.Pod.self)
      var events = stream.makeAsyncIterator()
      #expect(try await events.next().map(describe) == "+a")

      let error = await #expect(throws: KubernetesError.self) { try await events.next() }
      #expect(
        error == .unreachable(address: "http://127.0.0.1:\(server.port)", .connectionLost))
    }
  }

  @Test func `a body that ends in the middle of a line ends the stream`() async throws {
    try await play { _ in
      .chunkedHead + .chunk(Self.event("ADDED", "a") + #"{"type":"ADD"#) + .end
    } _: { client, _ in
      let events = try await read(client)
      #expect(events == ["+a"])
    }
  }

  @Test(arguments: ["hello\n", "{}\n", #"{"type":"NEW","object":{}}"# + "\n"])
  func `a line that is no event ends the stream`(line: String) async throws {
    try await play { _ in
      .chunkedHead + .chunk(line) + [.hold]
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { try await read(client) }

      guard case .undecodable = error else {
        Issue.record("it is \(String(describing: error))")
        return
      }
    }
  }

  @Test func `a line without end is cut`() async throws {
    try await play { _ in
      let block = [ScriptedServer.Action].chunk(String(repeating: "x", count: 1 << 20))
      return .chunkedHead + Array(repeating: block, count: 18).flatMap(\.self) + [.hold]
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { try await read(client) }

      #expect(error == .tooLarge(limitBytes: 16 << 20))
    }
  }

  @Test func `a server that doesn't begin to answer takes no longer than allowed`()
    async throws
  {
    try await play(timeout: .milliseconds(200)) { _ in
      [.hold]
    } _: { client, server in
      let error = await #expect(throws: KubernetesError.self) { try await read(client) }

      #expect(
        error
          == .timedOut(
            address: "http://127.0.0.1:\(server.port)", after: .milliseconds(200)))
    }
  }

  @Test func `an open stream isn't ended by the time for calls`() async throws {
    let gate = Gate()
    try await play(timeout: .seconds(4)) { _ in
      .chunkedHead + .chunk(Self.event("ADDED", "a")) + [.wait(gate)]
        + .chunk(Self.event("ADDED", "b")) + .end
    } _: { client, _ in
      let stream = try await client.watch(CoreV1.Pod.self)
      var events = stream.makeAsyncIterator()
      #expect(try await events.next().map(describe) == "+a")

      // Longer than the time for calls: the point of this test is that time passes.
      try await Task.sleep(for: .milliseconds(4200))
      gate.open()

      #expect(try await events.next().map(describe) == "+b")
      #expect(try await events.next() == nil)
    }
  }

  @Test func `many watches at once don't hold up calls`() async throws {
    try await play { request in
      request.isWatch
        ? .chunkedHead + .chunk(Self.event("ADDED", "a")) + [.hold] : .text(200, "ok")
    } _: { client, server in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<40 {
          group.addTask { for try await _ in try await client.watch(CoreV1.Pod.self) {} }
        }
        try await eventually("all watches are open") { server.requests.count == 40 }

        try await client.readyz()

        group.cancelAll()
        while let result = await group.nextResult() {
          #expect(throws: KubernetesError.cancelled) { try result.get() }
        }
      }
    }
  }

  @Test func `a log is followed line by line`() async throws {
    let long = String(repeating: "é", count: 40_000)
    try await play { _ in
      .chunkedHead + .chunk("one\n\ntwo") + .chunk(" and more\n\(long)\nlast") + .end
    } _: { client, server in
      var lines: [String] = []
      let options = LogOptions(tailLines: 2)
      for try await line in try await client.followPodLogs(
        pod: "p", namespace: "shop", options)
      {
        lines.append(line)
      }

      #expect(lines.prefix(3) == ["one", "", "two and more"])
      #expect(lines[3].utf8.count == 64 << 10)
      #expect(lines[3] + lines[4] == long)
      #expect(lines.last == "last")
      #expect(
        server.requests.map(\.target)
          == ["/api/v1/namespaces/shop/pods/p/log?follow=true&tailLines=2"])
    }
  }
}
