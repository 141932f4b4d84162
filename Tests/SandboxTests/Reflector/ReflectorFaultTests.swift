import Kubernetes
import Sandbox
import TestSupport
import Testing

/// The real reflector on a sandbox with faults: nothing is lost, nothing comes
/// twice, and it lists no more often than it must.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ReflectorFaultTests {
  private let configMaps = ResourceType.configMap

  @Test func `a connection cut in the middle of a line loses and repeats nothing`() async throws {
    try await withReflection(faults: "cut=10%") { reflection in
      for round in 0..<10 {
        await reflection.churn(40, seed: UInt64(round))
        try await reflection.agree()
      }

      let traffic = reflection.server.traffic
      #expect(traffic.count(.watch, configMaps) > 10, "it was cut, and resumed")
      // After a connection that brought nothing it looks once at the newest version, which counts
      // as a list there.
      #expect(reflection.picture.now.lists == 1, "it never had to list again")
      #expect(reflection.picture.now.failures.count >= 10)
    }
  }

  @Test func `410 on resume means a new list`() async throws {
    try await withReflection { reflection in
      await reflection.churn(40, seed: 1)
      try await reflection.agree()
      #expect(reflection.server.traffic.count(.list, configMaps) == 1)

      await reflection.server.setFaults(try SandboxFaults("cut=100%,expire=100%"))
      for round in UInt64(2)..<6 {
        await reflection.churn(40, seed: round)
        try await reflection.agree()
      }
      await reflection.server.setFaults(SandboxFaults())
      await reflection.churn(40, seed: 9)
      try await reflection.agree()

      #expect(reflection.picture.now.lists > 4)
      try await eventually("one watch is open") {
        await reflection.server.openWatches(of: configMaps) == 1
      }
    }
  }

  @Test func `a version that the server forgot means a new list`() async throws {
    let configuration = SandboxConfiguration(speed: 20, historyLimit: 10)
    try await withReflection(configuration: configuration) { reflection in
      await reflection.churn(40, seed: 1)
      try await reflection.agree()
      try await eventually("it watches") {
        await reflection.server.openWatches(of: configMaps) == 1
      }
      let before = reflection.picture.now

      // Nothing but this reflector's watch is to be cut, and it may not resume at once.
      await reflection.server.setFaults(try SandboxFaults("cut=100%,error=100%"))
      await reflection.churn(60, seed: 2)
      try await eventually("it was cut") {
        reflection.picture.now.failures.count > before.failures.count
      }
      await reflection.server.setFaults(SandboxFaults())
      try await reflection.agree()

      #expect(reflection.picture.now.lists == before.lists + 1)
    }
  }

  @Test func `bookmarks only keep a watch alive, and what was held back comes once`() async throws {
    var timing = ReflectorTiming.quick
    timing.livenessLimit = .milliseconds(800)
    try await withReflection(timing: timing) { reflection in
      try await eventually("it watches") {
        await reflection.server.openWatches(of: configMaps) == 1
      }
      await reflection.server.setFaults(try SandboxFaults("bookmarks-only"))
      let before = reflection.picture.now
      await reflection.churn(100, seed: 1)
      // Fifteen bookmarks take almost twice as long as the liveness limit.
      try await eventually("fifteen bookmarks came") {
        reflection.picture.now.heartbeats >= before.heartbeats + 15
      }

      #expect(reflection.picture.now.changes == before.changes, "no change came")
      #expect(reflection.server.traffic.count(.watch, configMaps) == 1)
      await reflection.server.setFaults(SandboxFaults())
      try await reflection.agree()
      #expect(reflection.picture.now.changes == before.changes + 100)
      #expect(reflection.server.traffic.count(.list, configMaps) == 1)
    }
  }

  @Test func `a watch that brought only bookmarks is resumed at the last of them`() async throws {
    let configuration = SandboxConfiguration(speed: 20, historyLimit: 10)
    try await withReflection(configuration: configuration) { reflection in
      let start = ContinuousClock.now
      await reflection.server.setFaults(try SandboxFaults("bookmarks-only"))
      // Not only listed: the version must be forgotten under an open watch.
      try await eventually("it watches") {
        await reflection.server.openWatches(of: configMaps) == 1
      }
      // Changes of another kind, until the version of the list is forgotten.
      for number in 0..<20 {
        await reflection.putOther(.secret, "secret-\(number)")
      }
      // A busy machine may still be reading older signs: the beginning of the watch, one
      // bookmark because of the fault, and one for each tenth of a second since.
      let older = 2 + Int((ContinuousClock.now - start) / .milliseconds(100))
      try await eventually("a bookmark came that is newer than the changes") {
        reflection.picture.now.heartbeats > older + 1
      }
      await reflection.server.setFaults(try SandboxFaults("bookmarks-only,cut=100%"))
      try await eventually("it was cut") {
        reflection.server.traffic.count(.watch, configMaps) >= 2
      }
      await reflection.server.setFaults(SandboxFaults())
      await reflection.put("one")
      try await reflection.agree()

      #expect(reflection.picture.now.lists == 1)
    }
  }

  @Test func `a server that answers nothing is asked again until it does`() async throws {
    try await withReflection(faults: "silent", timeout: .milliseconds(200)) { reflection in
      try await eventually("three attempts failed") {
        reflection.picture.now.failures.count >= 3
      }
      #expect(reflection.picture.now.failures.allSatisfy { $0.contains("didn't answer within") })
      #expect(reflection.picture.now.lists == 0)

      await reflection.server.setFaults(SandboxFaults())
      await reflection.churn(40, seed: 1)
      try await reflection.agree()
    }
  }

  @Test func `a watch that fell silent is taken up where it was`() async throws {
    var timing = ReflectorTiming.quick
    timing.livenessLimit = .milliseconds(400)
    try await withReflection(timing: timing, timeout: .milliseconds(200)) { reflection in
      await reflection.churn(40, seed: 1)
      try await reflection.agree()
      await reflection.server.setFaults(try SandboxFaults("silent"))
      await reflection.churn(40, seed: 2)
      try await eventually("the watch is given up") {
        reflection.picture.now.failures.count >= 2
      }
      await reflection.server.setFaults(SandboxFaults())
      try await reflection.agree()

      #expect(reflection.picture.now.lists == 1)
    }
  }

  @Test func `all faults together lose and repeat nothing`() async throws {
    let faults = "latency=2ms,drop=10%,error=10%,stall=2%,cut=5%,expire=5%"
    try await withReflection(faults: faults, timeout: .milliseconds(300)) { reflection in
      for round in 0..<10 {
        await reflection.churn(40, seed: UInt64(round))
        try await reflection.agree(within: .seconds(60))
      }

      #expect(!reflection.picture.now.failures.isEmpty)
    }
  }

  @Test func `a burst of 5,000 changes comes whole, each change once`() async throws {
    try await withReflection { reflection in
      try await eventually("it watches") {
        await reflection.server.openWatches(of: configMaps) == 1
      }
      for number in 0..<5000 {
        await reflection.put("object-\(number % 500)", ["data": ["n": .string("\(number)")]])
      }
      try await reflection.agree(within: .seconds(60))

      #expect(reflection.picture.now.changes == 5000)
      #expect(reflection.picture.now.lists == 1)
      #expect(reflection.server.traffic.count(.watch, configMaps) == 1)
    }
  }

  @Test func `a watch that can't keep up is ended, and nothing is lost`() async throws {
    let configuration = SandboxConfiguration(speed: 20, watchBuffer: 50)
    try await withReflection(configuration: configuration) { reflection in
      try await eventually("it watches") {
        await reflection.server.openWatches(of: configMaps) == 1
      }
      await reflection.burst(5000)
      try await reflection.agree(within: .seconds(60))

      #expect(reflection.server.traffic.count(.watch, configMaps) > 1)
      #expect(reflection.picture.now.changes == 5000)
      #expect(reflection.picture.now.lists == 1)
    }
  }
}
