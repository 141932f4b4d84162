internal import Crypto
internal import Foundation
internal import Synchronization

/// Slows down who guesses: passwords, setup codes, and addresses that have an
/// account. Failures are counted in the database, so that replicas agree and a
/// restart forgets nothing; a few are free, and then each one makes the next
/// wait longer.
///
/// Nobody can lock somebody else out: an account alone is never refused, only
/// an address at an account, or an address. While very many addresses fail at
/// one account, each has one free try at it instead of ten.
final class AttemptLimits: Sendable {
  /// What is tried.
  struct Attempt: Sendable {
    /// Something that failures are counted of.
    struct Counter: Sendable {
      let key: String
      /// Failures before it must wait.
      let free: Int
      /// The longest wait, in seconds.
      let longest: Double
    }

    let counters: [Counter]
    /// Counted, but never waited for: how many fail at this account from
    /// anywhere. From ``busy`` on the first counter has one free try.
    var account: String?

    /// A password. The address alone waits a minute at most, since many people
    /// may share it.
    static func signIn(address: String, account: String) -> Attempt {
      let address = network(of: address)
      return Attempt(
        counters: [
          Counter(key: "sign-in \(address) \(account)", free: 10, longest: 3600),
          Counter(key: "sign-in \(address)", free: 60, longest: 60),
        ], account: "sign-in at \(account)")
    }

    /// A new account.
    static func registration(address: String) -> Attempt {
      Attempt(counters: [
        Counter(key: "registration \(network(of: address))", free: 100, longest: 600)
      ])
    }

    /// Looking around without an account.
    static func visit(address: String) -> Attempt {
      Attempt(counters: [
        Counter(key: "visit \(network(of: address))", free: 30, longest: 600)
      ])
    }

    static func setupCode(address: String) -> Attempt {
      Attempt(counters: [
        Counter(key: "setup code \(network(of: address))", free: 10, longest: 3600)
      ])
    }

    /// The address of somebody who is to be added to a project.
    static func lookup(by user: User.ID) -> Attempt {
      Attempt(counters: [Counter(key: "lookup \(user)", free: 30, longest: 3600)])
    }

    /// Whoever has an IPv6 address has its whole /64 (RFC 6177).
    private static func network(of address: String) -> String {
      guard let parsed = IPAddress(address), parsed.bytes.count == 16 else { return address }
      let isMapped =
        parsed.bytes[..<10].allSatisfy { $0 == 0 } && parsed.bytes[10] == 255
        && parsed.bytes[11] == 255
      return isMapped
        ? parsed.bytes[12...].map(String.init).joined(separator: ".")
        : parsed.bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":") + "/64"
    }
  }

  /// How long a failure counts after the last one, in seconds.
  static let memory: Double = 3600
  /// The first wait, in seconds; each further failure doubles it.
  static let firstDelay: Double = 30
  /// Failures at one account, from anywhere, from which on each address has one
  /// free try.
  static let busy = 100
  /// Password checks of one address at the same time, in this process.
  static let parallelLimit = 8

  private let active = Mutex<[String: Int]>([:])

  // MARK: Before an attempt

  /// - Parameter isKnown: whether this address logged in to this account
  ///   before; what others fail at from the same address doesn't concern it.
  /// - Throws: `tooManyRequests`, with the time to wait.
  func require(
    _ attempt: Attempt, isKnown: Bool = false, at time: Date, in connection: any Connection
  ) throws {
    let counters = isKnown ? Array(attempt.counters.prefix(1)) : attempt.counters
    for counter in counters {
      guard let row = try row(counter.key, at: time, in: connection), row.blockedUntil > time
      else { continue }
      throw Self.wait(row.blockedUntil.timeIntervalSince(time))
    }
  }

  /// Takes one of an address's places for checking a password. Give it back
  /// with ``leave(_:)``.
  ///
  /// - Throws: `tooManyRequests` when all are taken.
  func enter(_ address: String) throws(DomainError) {
    let isFull = active.withLock { active in
      if active[address, default: 0] >= Self.parallelLimit { return true }
      active[address, default: 0] += 1
      return false
    }
    if isFull { throw Self.wait(2) }
  }

  func leave(_ address: String) {
    active.withLock { active in
      let left = active[address, default: 1] - 1
      active[address] = left > 0 ? left : nil
    }
  }

  // MARK: After it

  /// Counts a failure.
  func noteFailure(
    of attempt: Attempt, at time: Date, in connection: any Connection
  ) throws {
    var isBusy = false
    if let account = attempt.account {
      let failures = try row(account, at: time, in: connection)?.failures ?? 0
      isBusy = failures >= Self.busy
      try write(
        account, failures + 1, blockedUntil: time, at: time, in: connection)
    }
    for (index, counter) in attempt.counters.enumerated() {
      let failures = (try row(counter.key, at: time, in: connection)?.failures ?? 0) + 1
      let free = isBusy && index == 0 ? 1 : counter.free
      let delay =
        failures < free
        ? 0 : min(counter.longest, Self.firstDelay * pow(2, Double(min(failures - free, 20))))
      try write(
        counter.key, failures, blockedUntil: time.addingTimeInterval(delay), at: time,
        in: connection)
    }
  }

  /// Forgets the failures of an address at an account: its password was right.
  func forgive(_ attempt: Attempt, in connection: any Connection) throws {
    guard let first = attempt.counters.first else { return }
    try connection.execute("DELETE FROM attempts WHERE key = \(Self.hash(first.key))")
  }

  func deleteExpired(at time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM attempts WHERE expires_at <= \(time)")
  }

  // MARK: Rows

  private func row(
    _ key: String, at time: Date, in connection: any Connection
  ) throws -> (failures: Int, blockedUntil: Date)? {
    try connection.first(
      """
      SELECT failures, blocked_until FROM attempts
      WHERE key = \(Self.hash(key)) AND expires_at > \(time)
      """
    ).map { (try $0.get("failures"), try $0.get("blocked_until")) }
  }

  private func write(
    _ key: String, _ failures: Int, blockedUntil: Date, at time: Date,
    in connection: any Connection
  ) throws {
    let expiresAt = max(time, blockedUntil).addingTimeInterval(Self.memory)
    try connection.execute(
      """
      INSERT INTO attempts (key, failures, blocked_until, expires_at)
      VALUES (\(Self.hash(key)), \(failures), \(blockedUntil), \(expiresAt))
      ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
        blocked_until = excluded.blocked_until, expires_at = excluded.expires_at
      """)
  }

  /// People type passwords into the field for the address, so what was typed
  /// isn't kept.
  private static func hash(_ key: String) -> String {
    SHA256.hash(data: Data(key.utf8)).prefix(16).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private static func wait(_ time: Double) -> DomainError {
    let seconds = max(1, Int(time.rounded(.up)))
    return DomainError(
      .tooManyRequests, "There were too many attempts.",
      advice: seconds < 90
        ? "Try again in \(seconds) seconds." : "Try again in \((seconds + 59) / 60) minutes.",
      retryAfter: .seconds(seconds))
  }
}
