import Foundation
import Kubernetes
import TestSupport
import Testing

/// Calls that get no answer, or not a whole one.
@Suite(.timeLimit(.minutes(10)))
struct UnansweredCallTests {
  /// Runs a client against a scenario.
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

  @Test func `no answer at all takes no longer than allowed`() async throws {
    try await play(timeout: .milliseconds(200)) { _ in
      [.hold]
    } _: { client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(
        error
          == .timedOut(
            address: "http://127.0.0.1:\(server.port)", after: .milliseconds(200)))
    }
  }

  @Test func `a body that stalls takes no longer than allowed`() async throws {
    try await play(timeout: .milliseconds(200)) { _ in
      [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), .hold]
    } _: { client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(
        error
          == .timedOut(
            address: "http://127.0.0.1:\(server.port)", after: .milliseconds(200)))
    }
  }

  @Test func `a body that is cut off is a lost connection`() async throws {
    try await play { _ in
      [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), .close]
    } _: { client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(
        error
          == .unreachable(address: "http://127.0.0.1:\(server.port)", .connectionLost))
    }
  }

  @Test func `a body without end is cut`() async throws {
    // So much takes its time on a machine that has other things to do.
    try await play(timeout: .seconds(90)) { _ in
      let block = String(repeating: "x", count: 1 << 20)
      return [.send("HTTP/1.1 200 OK\r\n\r\n")]
        + Array(repeating: .send(block), count: 70)
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) {
        try await client.podLogs(pod: "a", namespace: "b")
      }

      #expect(error == .tooLarge(limitBytes: 64 << 20))
    }
  }

  @Test func `a cancelled call says so`() async throws {
    try await play { _ in
      [.hold]
    } _: { client, server in
      let call = Task { try await client.readyz() }
      try await eventually("the request arrives") { server.requests.count == 1 }

      call.cancel()

      let result = await call.result
      #expect(throws: KubernetesError.cancelled) { try result.get() }
    }
  }

  @Test func `after a shutdown, calls are cancelled`() async throws {
    try await ScriptedServer.run { _ in
      .answer([:])
    } _: { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
      let client = KubernetesClient(
        configuration: ClusterConfiguration(server: url), logger: silence)
      await client.shutdown()

      await #expect(throws: KubernetesError.cancelled) { try await client.readyz() }
    }
  }

  @Test func `a shutdown ends streams and calls that are under way`() async throws {
    try await ScriptedServer.run { request in
      request.isWatch ? .chunkedHead + [.hold] : [.hold]
    } _: { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
      let client = KubernetesClient(
        configuration: ClusterConfiguration(server: url), logger: silence)
      let call = Task { try await client.readyz() }
      let stream = try await client.watch(CoreV1.Pod.self)
      let watch = Task { for try await _ in stream {} }
      try await eventually("both requests arrive") { server.requests.count == 2 }

      await client.shutdown()

      let results = [await call.result, await watch.result]
      for result in results {
        #expect(throws: KubernetesError.cancelled) { try result.get() }
      }
    }
  }

  // MARK: - No way there

  @Test(arguments: ["127.0.0.1", "localhost"])
  func `a refused connection says so at once`(host: String) async throws {
    let port = try RefusingPort()
    defer { withExtendedLifetime(port) {} }
    let url = try #require(URL(string: "http://\(host):\(port.number)"))
    try await withClient(ClusterConfiguration(server: url)) { client in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(error == .unreachable(address: "http://\(host):\(port.number)", .refused))
    }
  }

  @Test func `an unknown host says so`() async throws {
    let url = try #require(URL(string: "http://no-such-host.invalid:6443"))
    try await withClient(ClusterConfiguration(server: url)) { client in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(error == .unreachable(address: "http://no-such-host.invalid:6443", .unknownHost))
    }
  }
}
