public import Foundation
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// The time as the database has it, so that replicas whose clocks differ agree
/// about leases, sessions, codes and limits. Run it as long as the program.
///
/// SQLite has no clock of its own, and only one machine uses it.
public final class DatabaseClock: Service {
  /// How often the clocks are compared, in seconds.
  static let interval: Double = 30
  /// Differences below that are the time that asking takes, in seconds.
  static let tolerance: Double = 0.05
  /// Beyond that the operator is told, in seconds.
  static let worth: Double = 2

  private let database: any Database
  private let logger: Logger
  private let local: @Sendable () -> Date
  /// What is added to the local time, in seconds.
  private let correction = Mutex<Double>(0)

  /// - Parameter local: this machine's time, for tests.
  public init(
    database: any Database, logger: Logger, local: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.database = database
    self.logger = logger
    self.local = local
  }

  /// The database's time, as far as it is known.
  public func now() -> Date {
    local().addingTimeInterval(correction.withLock { $0 })
  }

  /// How far this machine's clock is ahead of the database's, in seconds;
  /// negative when it is behind.
  public var skew: Double { -correction.withLock { $0 } }

  /// Compares the clocks.
  ///
  /// - Throws: ``StorageError``; then the last comparison counts.
  public func measure() async throws {
    guard database.dialect == .postgres else { return }
    let local = local
    let found = try await database.read { connection -> Double? in
      let before = local()
      let row = try connection.first(
        "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now")
      let after = local()
      guard let row else { return nil }
      let middle = before.addingTimeInterval(after.timeIntervalSince(before) / 2)
      return try row.get("now", as: Date.self).timeIntervalSince(middle)
    }
    guard let found else { return }
    let former = correction.withLock { correction in
      defer { if abs(found - correction) > Self.tolerance { correction = found } }
      return correction
    }
    if abs(found) >= Self.worth, abs(found - former) >= Self.worth {
      logger.warning(
        "this machine's clock differs from the database's, which counts",
        metadata: ["ahead_seconds": .stringConvertible((-found * 10).rounded() / 10)])
    }
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .seconds(Self.interval))) != nil {
        do {
          try await self.measure()
        } catch {
          self.logger.debug("the clocks weren't compared", metadata: ["reason": "\(error)"])
        }
      }
    }
  }
}
