import AsyncHTTPClient
import Kubernetes
import NIOCore
import NIOHTTP1
import Sandbox
import TestSupport
import Testing

/// What clients see of each fault.
@Suite(.timeLimit(.minutes(10)))
struct FaultTests {
  private func configuration(_ faults: String) throws -> SandboxConfiguration {
    SandboxConfiguration(speed: 20, faults: try SandboxFaults(faults))
  }

  @Test func `latency delays each answer`() async throws {
    try await withSandbox(try configuration("latency=150ms")) { client in
      let start = ContinuousClock.now
      let answer = try await client.send(.get, "/version")

      #expect(answer.status == 200)
      #expect(start.duration(to: .now) >= .milliseconds(150))
    }
  }

  @Test func `a dropped request loses its connection without an answer`() async throws {
    try await withSandbox(try configuration("drop=100%")) { client in
      let error = await #expect(throws: HTTPClientError.self) {
        let answer = try await client.send(.get, "/version")
        Issue.record("answered with \(answer.status)")
      }
      #expect(error == .remoteConnectionClosed)
    }
  }

  @Test func `refusals are statuses, and two of three say when to come back`() async throws {
    try await withSandbox(try configuration("error=100%")) { client in
      var reasons: [String: String?] = [:]
      for _ in 0..<24 {
        let answer = try await client.send(.get, "/version")
        #expect(answer.json["code"]?.int == answer.status)
        reasons[answer.json["reason"]?.string ?? ""] = .some(answer.headers["retry-after"])
      }

      #expect(
        reasons == ["InternalError": nil, "ServiceUnavailable": "1", "TooManyRequests": "1"])
    }
  }

  @Test(arguments: ["stall=100%", "silent"])
  func `a stalled request waits on an open connection`(faults: String) async throws {
    try await withSandbox(try configuration(faults)) { client in
      var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port)/version")
      request.headers.add(name: "Authorization", value: "Bearer \(client.server.token)")
      let asked = request
      let error = await #expect(throws: HTTPClientError.self) {
        let answer = try await HTTPClient.shared.execute(asked, timeout: .milliseconds(300))
        Issue.record("answered with \(answer.status)")
      }
      #expect(error == .deadlineExceeded)

      await client.server.setFaults(SandboxFaults())
      let answer = try await client.send(.get, "/version")
      #expect(answer.status == 200)
    }
  }

  @Test func `a cut watch ends in the middle of a line`() async throws {
    try await withSandbox(try configuration("cut=100%")) { client in
      var request = HTTPClientRequest(
        url: "http://127.0.0.1:\(client.port)\(Path.configMaps("kube-public"))?watch=true")
      request.headers.add(name: "Authorization", value: "Bearer \(client.server.token)")
      let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
      _ = try await client.apply(
        Path.configMaps("kube-public", "one"), Given.configMap("one"))

      var text = ""
      var isWhole = false
      do {
        for try await part in response.body { text += String(buffer: part) }
        isWhole = true
      } catch {}

      #expect(!isWhole, "the connection broke")
      #expect(text.hasPrefix(#"{"#) && !text.hasSuffix("\n"), "\(text)")
    }
  }

  @Test func `an expired version is told on resume, and between pages`() async throws {
    try await withSandbox(try configuration("expire=100%")) { client in
      let path = Path.configMaps("kube-system")
      for name in ["a", "b", "c"] {
        _ = try await client.apply("\(path)/\(name)", Given.configMap(name))
      }

      let page = try await client.get("\(path)?limit=1")
      let next = page.at("metadata", "continue")?.string ?? ""
      let version = page.at("metadata", "resourceVersion")?.string ?? ""
      let rest = try await client.send(.get, "\(path)?limit=1&continue=\(next)")
      let resumed = try await client.send(
        .get, "\(path)?watch=true&resourceVersion=\(version)&timeoutSeconds=1")
      let begun = try await client.send(.get, "\(path)?watch=true&timeoutSeconds=1")

      #expect(rest.status == 410)
      #expect(resumed.lines.map { $0.at("object", "code") } == [410])
      #expect(begun.lines.allSatisfy { $0["type"] == "ADDED" } && begun.lines.count >= 3)
    }
  }

  @Test func `the same seed and requests have the same faults`() async throws {
    func statuses(seed: UInt64) async throws -> [Int] {
      var configuration = try configuration("error=50%")
      configuration.seed = seed
      var found: [Int] = []
      try await withSandbox(configuration) { client in
        for _ in 0..<30 { found.append(try await client.send(.get, "/version").status) }
      }
      return found
    }

    let (first, second, other) = (
      try await statuses(seed: 7), try await statuses(seed: 7), try await statuses(seed: 8)
    )
    #expect(first == second)
    #expect(first != other)
    #expect(Set(first).contains(200) && Set(first).count > 1)
  }
}
