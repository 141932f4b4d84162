import CoreMetrics
import Synchronization
import TestSupport
import Testing

@testable import Domain

struct MeteredDatabaseTests {
  @Test(arguments: TestDatabase.available)
  func `whoever is in a transaction is counted, and nobody afterwards`(kind: TestDatabase)
    async throws
  {
    try await withDatabase(kind) { database in
      let traffic = DatabaseTraffic(of: database, metrics: NOOPMetricsHandler.instance)
      let metered = MeteredDatabase(database, traffic: traffic)
      #expect(metered.connectionLimit == database.connectionLimit)

      let within = try await metered.read { _ in (traffic.inUse, traffic.waiting) }

      #expect(within == (1, 0))
      #expect(traffic.inUse == 0 && traffic.waiting == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a transaction that fails is counted out again`(kind: TestDatabase) async throws {
    struct Stop: Error {}
    try await withDatabase(kind) { database in
      let traffic = DatabaseTraffic(of: database, metrics: NOOPMetricsHandler.instance)
      let metered = MeteredDatabase(database, traffic: traffic)

      await #expect(throws: Stop.self) { try await metered.write { _ in throw Stop() } }
      let cancelled = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try? await metered.read { try $0.first("SELECT 1 AS one") != nil }
      }
      await cancelled.value

      #expect(traffic.inUse == 0 && traffic.waiting == 0)
    }
  }

  @Test func `only what the database couldn't do counts as a failure`() async throws {
    try await withDatabase(.sqlite) { database in
      let counts = Counts()
      let metered = MeteredDatabase(
        database, traffic: DatabaseTraffic(of: database, metrics: counts))

      _ = try? await metered.write { connection in
        try connection.execute("INSERT INTO projects (id) VALUES ('a')")
      }
      #expect(counts.failures == 0)
      _ = try? await metered.read { try $0.first("SELECT nonsense FROM nowhere") != nil }
      #expect(counts.failures == 1)
      #expect(counts.durations == 2)
    }
  }
}

/// A backend that only counts.
private final class Counts: MetricsFactory {
  private final class Handler: CounterHandler, TimerHandler {
    private let count: @Sendable () -> Void

    init(_ count: @escaping @Sendable () -> Void) { self.count = count }

    func increment(by: Int64) { count() }
    func reset() {}
    func recordNanoseconds(_ duration: Int64) { count() }
  }

  private let state = Mutex((failures: 0, durations: 0))

  var failures: Int { state.withLock { $0.failures } }
  var durations: Int { state.withLock { $0.durations } }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    Handler { self.state.withLock { $0.failures += 1 } }
  }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    Handler { self.state.withLock { $0.durations += 1 } }
  }
  func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler { NOOPMetricsHandler.instance }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
}
