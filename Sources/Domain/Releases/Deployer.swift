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
  let clusterState: ClusterState
  let signal: DeploySignal
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
  /// and every ten seconds finishes projects that a crash left half made.
  private func tick() async {
    var seconds = 0
    while !Task.isCancelled {
      if seconds % 10 == 0 {
        do throws(DomainError) {
          // At start nothing in this process makes a project yet, but another
          // replica may; half a minute is more than a creation takes.
          try await projects.finishUnfinished(olderThan: 30)
        } catch {
          if Task.isCancelled { return }
          logger.warning(
            "can't look for unfinished projects",
            metadata: ["error": "\(error.underlying ?? error.message)"])
        }
      }
      signal.ring()
      seconds += 1
      try? await Task.sleep(for: .seconds(1))
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
      logger.warning(
        "can't take an operation", metadata: ["error": "\(error.underlying ?? error.message)"])
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
      let time = now()
      _ = try await database.writing { [store, worker] connection in
        try store.finish(
          operation, by: worker, as: end.state, outcome: end.outcome, at: time, in: connection)
      }
      clusterState.notify([end.namespace])
    } catch {
      logger.error(
        "can't record how a release ended; it is worked on again",
        metadata: ["operation": "\(operation.id)", "error": "\(error.underlying ?? error.message)"])
    }
  }
}

/// Counts the operations that a deployer works on.
private final class ActiveOperations: Sendable {
  private let number = Mutex(0)

  var count: Int { number.withLock { $0 } }
  func enter() { number.withLock { $0 += 1 } }
  func leave() { number.withLock { $0 -= 1 } }
}
