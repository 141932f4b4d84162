internal import CoreMetrics
internal import Foundation
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Takes stored operations one by one, applies their releases and follows the
/// rollouts to the end.
///
/// An operation survives the process: its lease expires and the next worker,
/// here or on another replica, does every step again. Applying twice changes
/// nothing.
public struct Deployer: Service {
  /// How long a worker holds an operation without a sign of life, in seconds.
  static let leaseSeconds: Double = 10
  /// How many operations one process works on at the same time. Most of them
  /// only wait for pods, and those that never come must not hold up others.
  static let parallelOperations = 128

  let database: any Database
  let projects: Projects
  let applier: ReleaseApplier
  let releases: Releases
  let retention: ReleaseRetention
  let removal: ApplicationRemoval
  let projectRemoval: ProjectRemoval
  let clusterState: ClusterState
  let signal: DeploySignal
  let metrics: any MetricsFactory
  let logger: Logger
  let now: @Sendable () -> Date
  /// Names this process among all replicas.
  let worker = UUID().uuidString.lowercased()
  let store = ReleaseStore()

  /// Runs until it is cancelled or the program shuts down. On shutdown it ends
  /// the step it is at and gives its operations back.
  public func run() async throws {
    let active = ActiveOperations()
    await withDiscardingTaskGroup { group in
      let ticker = Task { await tick() }
      for await _ in signal.stream.cancelOnGracefulShutdown() {
        while active.count < Self.parallelOperations, let operation = await claim() {
          active.enter()
          group.addTask {
            await self.work(on: operation)
            active.leave()
            self.signal.ring()
          }
        }
      }
      ticker.cancel()
    }
  }

  /// Rings every second, for operations of other replicas and expired leases,
  /// and every ten seconds finishes projects that a crash left half made, and
  /// members' rights that the cluster doesn't know yet.
  private func tick() async {
    var seconds = 0
    while !Task.isCancelled {
      if seconds % 10 == 0 {
        // At start nothing in this process makes a project yet, but another
        // replica may; half a minute is more than a creation takes.
        await attempt("can't finish unfinished projects") { () async throws(DomainError) in
          try await projects.finishUnfinished(olderThan: 30)
        }
        await attempt("can't tell the cluster of members") { () async throws(DomainError) in
          try await projects.settleMembers()
        }
      }
      if seconds % 2 == 0 {
        await projectRemoval.proceed()
        await removal.proceed()
      }
      signal.ring()
      seconds += 1
      try? await Task.sleep(for: .seconds(1))
    }
  }

  /// Does something that is done again later if it fails.
  private func attempt(
    _ failure: Logger.Message, _ action: () async throws(DomainError) -> Void
  ) async {
    do throws(DomainError) {
      try await action()
    } catch {
      logger.postponed(failure, because: error)
    }
  }

  private func claim() async -> Operation? {
    let time = now()
    let until = time.addingTimeInterval(Self.leaseSeconds)
    do throws(DomainError) {
      // Most looks find nothing; a read doesn't disturb those who write.
      let waits = try await database.reading { [store] connection in
        try store.hasWaiting(at: time, in: connection)
      }
      guard waits else { return nil }
      return try await database.writing { [store, worker] connection in
        try store.claim(for: worker, at: time, until: until, in: connection)
      }
    } catch {
      if Task.isCancelled { return nil }
      logger.postponed("can't take an operation", because: error)
      return nil
    }
  }

  /// Works while it keeps the lease.
  private func work(on operation: Operation) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.keepLease(of: operation) }
      group.addTask { await self.perform(operation) }
      await group.next()
      group.cancelAll()
    }
  }

  private func keepLease(of operation: Operation) async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(Self.leaseSeconds / 4))
      if Task.isCancelled { return }
      let until = now().addingTimeInterval(Self.leaseSeconds)
      do throws(DomainError) {
        let isHeld = try await database.writing { [store, worker] connection in
          try store.renew(operation.id, for: worker, until: until, in: connection)
        }
        if !isHeld { return }
      } catch {
        // The database may come back before the lease is over; if it doesn't,
        // recording the outcome fails and another worker goes on.
        logger.warning("can't renew a lease", metadata: ["operation": "\(operation.id)"])
      }
    }
  }

  private func perform(_ operation: Operation) async {
    if operation.attempts > 1 {
      logger.notice(
        "going on with an operation",
        metadata: ["operation": "\(operation.id)", "attempt": "\(operation.attempts)"])
    }
    let end = await applier.carryOut(operation)
    do throws(DomainError) {
      guard let end else {
        let time = now()
        try await database.writing { [store, worker] connection in
          try store.release(operation.id, from: worker, at: time, in: connection)
        }
        return
      }
      try await record(end, of: operation)
      note(end, of: operation)
      clusterState.notify([end.namespace])
      await retention.tidy(after: operation, in: end.namespace)
    } catch {
      logger.error(
        "can't record how a release ended; it is worked on again",
        metadata: ["operation": "\(operation.id)", "error": "\(error.underlying ?? error.message)"])
    }
  }
}

extension Deployer {
  /// One line and one measurement for each release that ended.
  private func note(_ end: ReleaseApplier.End, of operation: Operation) {
    guard let subject = end.subject else { return }
    let seconds = max(0, now().timeIntervalSince(subject.createdAt))
    Timer(
      label: "babyhelm_rollout_duration_seconds", dimensions: [("outcome", end.state.rawValue)],
      factory: metrics
    ).recordNanoseconds(Int64(seconds * 1e9))
    logger.info(
      "a release ended",
      metadata: [
        "operation": "\(operation.id)", "project": "\(end.namespace)",
        "application": "\(subject.application)",
        "release": .stringConvertible(subject.number), "outcome": "\(end.state.rawValue)",
        "duration_ms": .stringConvertible((seconds * 1_000).rounded()),
      ])
  }

  /// Records how a release ended, and what follows from that.
  private func record(_ end: ReleaseApplier.End, of operation: Operation) async throws(DomainError)
  {
    let time = now()
    let finish: @Sendable (any Connection) throws -> Bool = { [self] connection in
      guard try store.finish(operation, by: worker, as: end, at: time, in: connection) else {
        return false
      }
      try tell(of: end, operation, in: connection)
      return true
    }
    if end.state == .failed {
      do throws(DomainError) {
        if try await releases.undo(operation, finish: finish) != nil { return }
      } catch {
        logger.postponed(
          "a failed release can't be undone by itself", because: error,
          ["operation": "\(operation.id)"])
      }
    }
    _ = try await database.writing { connection in try finish(connection) }
  }

  /// Writes down what people are told of an end. A deleted application's last
  /// release is nobody's news.
  private func tell(
    of end: ReleaseApplier.End, _ operation: Operation, in connection: any Connection
  ) throws {
    guard let release = try store.release(operation.releaseID, in: connection),
      let application = try applier.applications.find(release.applicationID, in: connection),
      let project = try projects.project(operation.projectID, in: connection),
      try applier.applications.find(application.name, in: project.id, in: connection) != nil
    else { return }
    try releases.notices.ended(
      release, of: application.name, in: project, as: end.state, outcome: end.outcome,
      in: connection)
  }
}

/// Counts the operations that a deployer works on.
private final class ActiveOperations: Sendable {
  private let number = Mutex(0)

  var count: Int { number.withLock { $0 } }
  func enter() { number.withLock { $0 += 1 } }
  func leave() { number.withLock { $0 -= 1 } }
}
