import Foundation
import TestSupport
import Testing

@testable import Domain

/// Two replicas on one PostgreSQL, one of them a minute off.
@Suite(.enabled(if: TestDatabase.serverURL != nil, Comment(rawValue: TestDatabase.skipped)))
struct ClockSkewTests {
  private func clock(
    _ database: any Database, off seconds: Double
  ) async throws -> DatabaseClock {
    let clock = DatabaseClock(
      database: database, logger: quietLogger, local: { Date().addingTimeInterval(seconds) })
    try await clock.measure()
    return clock
  }

  @Test(arguments: [-60.0, 60])
  func `a clock that is off is corrected by the database's`(seconds: Double) async throws {
    try await withDatabase(.postgres) { database in
      let (right, wrong) = (
        try await clock(database, off: 0), try await clock(database, off: seconds)
      )

      // The machine is slow and noisy, but not by half a minute.
      #expect(abs(right.now().timeIntervalSince(wrong.now())) < 20)
      #expect(abs(wrong.skew - seconds) < 20)
    }
  }

  @Test func `SQLite has no clock to go by`() async throws {
    try await withDatabase(.sqlite) { database in
      let wrong = try await clock(database, off: 60)

      #expect(wrong.skew == 0)
    }
  }

  @Test(arguments: [-60.0, 60])
  func `an operation that one replica holds isn't taken by one whose clock is off`(
    seconds: Double
  ) async throws {
    try await withDatabase(.postgres) { database in
      let (right, wrong) = (
        try await clock(database, off: 0), try await clock(database, off: seconds)
      )
      let duty = Duty(name: "tidy", interval: 3600) { () async throws(DomainError) in }
      for (holder, other) in [(right, wrong), (wrong, right)] {
        try await database.write { try $0.execute("DELETE FROM duties") }
        let time = holder.now()
        let isHeld = try await database.write { connection in
          try DutyStore().claim(
            duty, for: "holder", at: time, until: time.addingTimeInterval(Duties.leaseSeconds),
            in: connection)
        }
        #expect(isHeld)

        let isTaken = await Duties(
          [], database: database, logger: quietLogger, now: other.now
        ).turn(duty)

        #expect(!isTaken)
      }
    }
  }

  @Test(arguments: [-60.0, 60])
  func `a session of one replica is good on one whose clock is off, and ends on both`(
    seconds: Double
  ) async throws {
    try await withDatabase(.postgres) { database in
      let (right, wrong) = (
        try await clock(database, off: 0), try await clock(database, off: seconds)
      )
      let (one, other) = (accounts(database, right), accounts(database, wrong))
      for (maker, reader) in [(one, other), (other, one)] {
        let email = "ann-\(UUID().uuidString.lowercased())@example.com"
        let session = try await maker.register(
          Registration(email: email, name: "Ann", password: "correct horse battery"),
          from: ClientInfo(address: "127.0.0.1", userAgent: "test"))

        let seen = try await reader.authenticate(token: session.token, requestID: "1")

        #expect(seen?.principal.email == email)
        #expect(seen?.renewedToken == nil, "a token that was just made isn't old elsewhere")
        try await reader.signOut(as: try #require(seen?.principal))
        let ended = try await maker.authenticate(token: session.token, requestID: "2")
        #expect(ended == nil)
      }
    }
  }

  private func accounts(_ database: any Database, _ clock: DatabaseClock) -> Accounts {
    Accounts(
      database: database, rules: AccountRules(firstUserBecomesAdmin: true),
      hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4),
      logger: quietLogger, now: clock.now)
  }
}
