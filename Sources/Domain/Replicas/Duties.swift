internal import Foundation
internal import Logging
public import ServiceLifecycle

/// Something that one of several replicas does for all, again and again.
struct Duty: Sendable {
  /// Unique, and the same in every version.
  let name: String
  /// From the end of one time to the beginning of the next, in seconds.
  let interval: Double
  /// Doing it twice must be harmless: a replica that is cut off may still be at
  /// it when another takes over.
  let work: @Sendable () async throws(DomainError) -> Void
}

/// Does the duties of all replicas, each by the one whose turn it is. Run it as
/// long as the program.
///
/// Who does one holds it by a lease in the database; when that replica dies,
/// another takes over once the lease has ended.
public struct Duties: Service {
  /// How long a duty is held without a sign of life, in seconds.
  static let leaseSeconds: Double = 60
  /// After how long one that failed is tried again, in seconds.
  static let retrySeconds: Double = 60
  /// How often it is looked whether something is due.
  private static let look = Duration.seconds(15)

  let duties: [Duty]
  let database: any Database
  let logger: Logger
  let now: @Sendable () -> Date
  /// Names this process among all replicas.
  let worker = UUID().uuidString.lowercased()
  private let store = DutyStore()

  init(
    _ duties: [Duty], database: any Database, logger: Logger, now: @escaping @Sendable () -> Date
  ) {
    self.duties = duties
    self.database = database
    self.logger = logger
    self.now = now
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        for duty in self.duties { await self.turn(duty) }
        // Not all replicas at once.
        try? await Task.sleep(for: Self.look * Double.random(in: 0.8...1.2))
      }
    }
  }

  /// Does a duty if it is due and nobody is at it.
  ///
  /// - Returns: whether it was done, or tried, here.
  @discardableResult
  func turn(_ duty: Duty) async -> Bool {
    do throws(DomainError) {
      guard try await claim(duty) else { return false }
    } catch {
      complain(duty, error)
      return false
    }
    let isDone = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.perform(duty) }
      group.addTask { await self.keepLease(of: duty) }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    await end(duty, isDone: isDone)
    return true
  }

  private func claim(_ duty: Duty) async throws(DomainError) -> Bool {
    let time = now()
    // Most looks find nothing; a read doesn't disturb those who write.
    let isDue = try await database.reading { [store] connection in
      try store.isDue(duty, at: time, in: connection)
    }
    guard isDue else { return false }
    return try await database.writing { [store, worker] connection in
      try store.claim(
        duty, for: worker, at: time, until: time.addingTimeInterval(Self.leaseSeconds),
        in: connection)
    }
  }

  private func perform(_ duty: Duty) async -> Bool {
    do throws(DomainError) {
      try await duty.work()
      return true
    } catch {
      complain(duty, error)
      return false
    }
  }

  /// Returns false once the duty is another replica's.
  private func keepLease(of duty: Duty) async -> Bool {
    while (try? await Task.sleep(for: .seconds(Self.leaseSeconds / 4))) != nil {
      let until = now().addingTimeInterval(Self.leaseSeconds)
      let isHeld = try? await database.writing { [store, worker] connection in
        try store.renew(duty, for: worker, until: until, in: connection)
      }
      // A database that is away takes the lease from everybody.
      if isHeld == false { return false }
    }
    return false
  }

  private func end(_ duty: Duty, isDone: Bool) async {
    let time = now()
    do throws(DomainError) {
      try await database.writing { [store, worker] connection in
        try store.end(
          duty, of: worker, doneAt: isDone ? time : nil,
          // Held by nobody until then, so nobody tries at once.
          heldUntil: isDone ? nil : time.addingTimeInterval(Self.retrySeconds), in: connection)
      }
    } catch {
      complain(duty, error)
    }
  }

  private func complain(_ duty: Duty, _ error: DomainError) {
    logger.postponed("a duty is done later", because: error, ["duty": "\(duty.name)"])
  }
}

/// The table `duties`.
struct DutyStore: Sendable {
  func isDue(
    _ duty: Duty, at time: Date, in connection: any Connection
  ) throws(StorageError) -> Bool {
    guard
      let row = try connection.first(
        "SELECT held_until, done_at FROM duties WHERE name = \(duty.name)")
    else { return true }
    let heldUntil: Date? = try row.get("held_until")
    let doneAt: Date? = try row.get("done_at")
    let isHeld = heldUntil.map { $0 > time } ?? false
    return !isHeld && (doneAt.map { time.timeIntervalSince($0) >= duty.interval } ?? true)
  }

  /// False when another replica was faster.
  func claim(
    _ duty: Duty, for worker: String, at time: Date, until: Date, in connection: any Connection
  ) throws(StorageError) -> Bool {
    guard try isDue(duty, at: time, in: connection) else { return false }
    return try connection.execute(
      """
      INSERT INTO duties (name, held_by, held_until) VALUES (\(duty.name), \(worker), \(until))
      ON CONFLICT (name) DO UPDATE SET held_by = excluded.held_by,
        held_until = excluded.held_until
      """) == 1
  }

  /// False when it is another replica's by now.
  func renew(
    _ duty: Duty, for worker: String, until: Date, in connection: any Connection
  ) throws(StorageError) -> Bool {
    try connection.execute(
      """
      UPDATE duties SET held_until = \(until)
      WHERE name = \(duty.name) AND held_by = \(worker)
      """) == 1
  }

  func end(
    _ duty: Duty, of worker: String, doneAt: Date?, heldUntil: Date?,
    in connection: any Connection
  ) throws(StorageError) {
    try connection.execute(
      """
      UPDATE duties SET held_by = NULL, held_until = \(heldUntil),
        done_at = COALESCE(\(doneAt), done_at)
      WHERE name = \(duty.name) AND held_by = \(worker)
      """)
  }
}
