import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

struct DutiesTests {
  private let clock = TurnedClock()

  private func duty(
    _ work: @escaping @Sendable () async throws(DomainError) -> Void
  ) -> Duty {
    Duty(name: "tidy", interval: 3600, work: work)
  }

  private func replica(_ database: any Database) -> Duties {
    let clock = clock
    return Duties([], database: database, logger: quietLogger, now: { clock.now })
  }

  @Test(arguments: TestDatabase.available)
  func `of several replicas one does a duty, and again when it is due`(kind: TestDatabase)
    async throws
  {
    try await withDatabase(kind) { database in
      let count = Mutex(0)
      let duty = duty { () async throws(DomainError) in count.withLock { $0 += 1 } }
      let replicas = (0..<4).map { _ in replica(database) }

      await withTaskGroup { group in
        for replica in replicas { group.addTask { await replica.turn(duty) } }
      }
      #expect(count.withLock { $0 } == 1)

      clock.turn(by: 3599)
      for replica in replicas { await replica.turn(duty) }
      #expect(count.withLock { $0 } == 1)
      clock.turn(by: 1)
      for replica in replicas { await replica.turn(duty) }
      #expect(count.withLock { $0 } == 2)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a duty of a replica that died is taken over when its lease has ended`(kind: TestDatabase)
    async throws
  {
    try await withDatabase(kind) { database in
      let count = Mutex(0)
      let dead = replica(database)
      let until = clock.now.addingTimeInterval(Duties.leaseSeconds)
      let duty = duty { () async throws(DomainError) in count.withLock { $0 += 1 } }
      let time = clock.now
      _ = try await database.write { connection in
        try DutyStore().claim(duty, for: dead.worker, at: time, until: until, in: connection)
      }

      #expect(await replica(database).turn(duty) == false)
      clock.turn(by: Duties.leaseSeconds)
      #expect(await replica(database).turn(duty))
      #expect(count.withLock { $0 } == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a duty that fails is tried again after a while`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let tries = Mutex(0)
      let duty = duty { () async throws(DomainError) in
        let isFirst = tries.withLock { tries in
          tries += 1
          return tries == 1
        }
        if isFirst { throw DomainError(.unavailable, "The cluster is away.") }
      }

      await replica(database).turn(duty)
      await replica(database).turn(duty)
      #expect(tries.withLock { $0 } == 1)
      clock.turn(by: Duties.retrySeconds)
      await replica(database).turn(duty)
      await replica(database).turn(duty)
      #expect(tries.withLock { $0 } == 2)
    }
  }
}
