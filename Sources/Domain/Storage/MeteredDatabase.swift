public import CoreMetrics
internal import Synchronization

/// A database whose transactions are counted and timed.
public struct MeteredDatabase: Database {
  private let base: any Database
  private let traffic: DatabaseTraffic

  /// - Parameter traffic: one for the whole process.
  public init(_ base: any Database, traffic: DatabaseTraffic) {
    self.base = base
    self.traffic = traffic
  }

  public var dialect: Dialect { base.dialect }
  public var connectionLimit: Int { base.connectionLimit }

  public func read<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await traffic.measure(.read) { visit in
      try await base.read { connection in
        visit.begin()
        return try work(connection)
      }
    }
  }

  @discardableResult
  public func write<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await traffic.measure(.write) { visit in
      try await base.write { connection in
        visit.begin()
        return try work(connection)
      }
    }
  }

  @discardableResult
  public func writeAlone<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await base.writeAlone(work)
  }

  public func announce(_ text: String) async throws { try await base.announce(text) }
  public func announcements() -> AsyncStream<Announcement>? { base.announcements() }

  public func close() async { await base.close() }
}

/// How busy a database is: who waits for a connection, who has one, and for how
/// long.
public final class DatabaseTraffic: Sendable {
  enum Kind: String, CaseIterable {
    case read, write
  }

  private struct Series: Sendable {
    let duration: Timer
    let failures: Counter

    init(_ kind: Kind, _ metrics: any MetricsFactory) {
      let labels = [("kind", kind.rawValue)]
      duration = Timer(
        label: "babyhelm_database_transaction_duration_seconds", dimensions: labels,
        factory: metrics)
      failures = Counter(
        label: "babyhelm_database_transaction_failures_total", dimensions: labels,
        factory: metrics)
    }
  }

  public let dialect: Dialect
  /// The most connections that may be used at the same time.
  public let connectionLimit: Int
  private let reads: Series
  private let writes: Series
  private let waitingCount = Atomic<Int>(0)
  private let inUseCount = Atomic<Int>(0)

  /// - Parameter metrics: where durations and failures are counted.
  public init(of database: any Database, metrics: any MetricsFactory) {
    dialect = database.dialect
    connectionLimit = database.connectionLimit
    reads = Series(.read, metrics)
    writes = Series(.write, metrics)
  }

  /// Transactions that wait for a connection.
  public var waiting: Int { waitingCount.load(ordering: .relaxed) }
  /// Connections in a transaction.
  public var inUse: Int { inUseCount.load(ordering: .relaxed) }

  /// One transaction, from the wish to its end. A closure that runs again, after
  /// a conflict, is still the same.
  final class Visit: Sendable {
    private let traffic: DatabaseTraffic
    private let began = Mutex<ContinuousClock.Instant?>(nil)

    init(_ traffic: DatabaseTraffic) {
      self.traffic = traffic
      traffic.waitingCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// It has its connection.
    func begin() {
      let isFirst = began.withLock { began in
        defer { began = began ?? .now }
        return began == nil
      }
      guard isFirst else { return }
      traffic.waitingCount.wrappingSubtract(1, ordering: .relaxed)
      traffic.inUseCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// - Returns: how long it had its connection; nil when it got none.
    fileprivate func end() -> Duration? {
      guard let start = began.withLock({ $0 }) else {
        traffic.waitingCount.wrappingSubtract(1, ordering: .relaxed)
        return nil
      }
      traffic.inUseCount.wrappingSubtract(1, ordering: .relaxed)
      return ContinuousClock.now - start
    }
  }

  func measure<T>(_ kind: Kind, _ work: (Visit) async throws -> T) async throws -> T {
    let series = kind == .read ? reads : writes
    let visit = Visit(self)
    defer {
      if let (seconds, attoseconds) = visit.end()?.components {
        series.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
      }
    }
    do {
      return try await work(visit)
    } catch let error as StorageError {
      if error.isFailure { series.failures.increment() }
      throw error
    }
  }
}

extension StorageError {
  /// Whether the database couldn't, rather than that a row may not be.
  fileprivate var isFailure: Bool {
    switch self {
    case .uniqueViolation, .foreignKeyViolation, .checkViolation: false
    case .serialization, .busy, .unavailable, .readOnly, .outcomeUnknown, .other: true
    }
  }
}
