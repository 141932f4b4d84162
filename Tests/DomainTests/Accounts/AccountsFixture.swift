import Foundation
import Logging
import Synchronization
import TestSupport

@testable import Domain

/// A clock that stands still until a test turns it.
final class TurnedClock: Sendable {
  private let time: Mutex<Date>

  /// A whole second: the time in a token has no fractions.
  init(_ start: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
    time = Mutex(start)
  }

  var now: Date { time.withLock { $0 } }

  func turn(by seconds: Double) {
    time.withLock { $0 = $0.addingTimeInterval(seconds) }
  }
}

/// A database that counts transactions, and fails when told to.
final class ObservedDatabase: Database {
  struct Counts: Sendable, Equatable {
    var reads = 0
    var writes = 0
  }

  private struct State {
    var counts = Counts()
    var failsReads = false
    var failsWrites = false
  }

  private let base: any Database
  private let state = Mutex(State())

  init(_ base: any Database) { self.base = base }

  var dialect: Dialect { base.dialect }
  var connectionLimit: Int { base.connectionLimit }
  var counts: Counts { state.withLock { $0.counts } }

  func fail(reads: Bool = false, writes: Bool = false) {
    state.withLock { ($0.failsReads, $0.failsWrites) = (reads, writes) }
  }

  func read<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try count(\.reads, failing: \.failsReads)
    return try await base.read(work)
  }

  @discardableResult
  func write<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try count(\.writes, failing: \.failsWrites)
    return try await base.write(work)
  }

  @discardableResult
  func writeAlone<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await base.writeAlone(work)
  }

  func close() async { await base.close() }

  private func count(
    _ counter: WritableKeyPath<Counts, Int>, failing: KeyPath<State, Bool>
  ) throws {
    let fails = state.withLock { state in
      state.counts[keyPath: counter] += 1
      return state[keyPath: failing]
    }
    if fails { throw StorageError.unavailable("switched off by the test") }
  }
}

/// Accounts of one process, on a database of the test's own.
struct AccountsFixture: Sendable {
  static let password = "a fine passphrase"
  static let client = ClientInfo(address: "192.0.2.7", userAgent: "Test/1")

  let database: ObservedDatabase
  let clock: TurnedClock
  let hasher: PasswordHasher
  let accounts: Accounts
  let rules: AccountRules

  init(
    _ database: any Database, rules: AccountRules = AccountRules(firstUserBecomesAdmin: false),
    hasher: PasswordHasher = .cheap(), clock: TurnedClock = TurnedClock()
  ) {
    let observed = ObservedDatabase(database)
    self.database = observed
    self.clock = clock
    self.hasher = hasher
    self.rules = rules
    accounts = Accounts(
      database: observed, rules: rules, hasher: hasher,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      now: { clock.now })
  }

  /// Another process on the same database.
  func replica(hasher: PasswordHasher = .cheap()) -> AccountsFixture {
    AccountsFixture(database, rules: rules, hasher: hasher, clock: clock)
  }

  static func email(_ name: String) -> String { "\(name.lowercased())@example.com" }

  @discardableResult
  func make(_ name: String, _ role: PlatformRole = .member) async throws -> User {
    try await accounts.createUser(
      email: Self.email(name), name: name, password: Self.password, role: role)
  }

  func signIn(_ name: String, password: String = Self.password) async throws -> SignedIn {
    try await accounts.signIn(
      email: Self.email(name), password: password, from: Self.client)
  }

  /// Makes a user and signs them in.
  func enter(_ name: String, _ role: PlatformRole = .member) async throws -> SignedIn {
    try await make(name, role)
    return try await signIn(name)
  }

  func register(
    _ name: String, email: String? = nil, password: String = Self.password,
    setupCode: String = ""
  ) async throws(DomainError) -> SignedIn {
    try await accounts.register(
      Registration(
        email: email ?? Self.email(name), name: name, password: password, setupCode: setupCode),
      from: Self.client)
  }

  func session(_ token: String) async throws -> AuthenticatedSession? {
    try await accounts.authenticate(token: token, requestID: "request-1")
  }

  func suspend(_ id: User.ID) async throws {
    let time = clock.now
    _ = try await database.write { connection in
      try connection.execute("UPDATE users SET suspended_at = \(time) WHERE id = \(id)")
    }
  }

  /// One number from the database.
  func number(_ sql: SQL) async throws -> Int? {
    try await database.read { connection in
      try connection.first(sql)?.get("number", as: Int?.self) ?? nil
    }
  }
}

extension PasswordHasher {
  /// The least that Argon2 takes: most tests are not about its strength.
  static func cheap(passes: UInt32 = 1, parallel: Int = 2) -> PasswordHasher {
    PasswordHasher(cost: Cost(memory: 8, passes: passes), parallel: parallel)
  }
}

func withAccounts(
  _ kind: TestDatabase, rules: AccountRules = AccountRules(firstUserBecomesAdmin: false),
  _ body: (AccountsFixture) async throws -> Void
) async throws {
  try await withDatabase(kind) { database in
    try await body(AccountsFixture(database, rules: rules))
  }
}

/// The `DomainError` that a call throws; nil when it throws none.
func refusal<T>(_ call: () async throws -> T) async -> DomainError? {
  do {
    _ = try await call()
    return nil
  } catch {
    return error as? DomainError
  }
}

extension DomainError {
  /// The names of the wrong fields.
  var wrongFields: [String] { fields.map(\.field) }
}
