import Crypto
public import struct Foundation.Date

/// All migrations in order, and the way to and from them (docs/design.md §3).
///
/// Each migration runs in a transaction of its own, and only one process
/// migrates a database at a time, so replicas may start together.
public struct MigrationChain: Sendable {
  /// The schema of this program.
  public static let all = MigrationChain([
    .accounts, .projects, .applications, .projectGuards, .keptReleases, .deletedApplications,
    .memberRights, .externalIdentities, .deletedProjects, .audit, .usage,
    .accountAccess, .quotaRequests, .invitations, .attempts, .demo, .keptAnswers, .notifications,
    .deployHooks, .alerts, .duties, .languages,
  ])

  /// Where one migration stands.
  public struct Step: Sendable, Hashable {
    public let number: Int
    public let name: String
    /// When it was applied; nil when it is not.
    public let appliedAt: Date?
    /// The oldest program that can serve with it, told by its last migration.
    public let oldestProgram: Int
    /// Whether this program knows it.
    public let isKnown: Bool

    /// Whether programs that don't know it go on working.
    public var suitsOlder: Bool { oldestProgram < number }
  }

  private let migrations: [Migration]

  /// A chain; its mistakes are found by ``check(_:)``.
  public init(_ migrations: [Migration]) {
    self.migrations = migrations
  }

  /// The migrations of this program and the database's, in order of number.
  /// It checks nothing, so that it also answers when ``check(_:)`` refuses.
  public func status(of database: any Database) async throws(MigrationError) -> [Step] {
    let applied = try await translating { try await database.read(MigrationLedger.rows) }
    let known = migrations.map { migration in
      Step(
        number: migration.number, name: migration.name,
        appliedAt: applied.first { $0.number == migration.number }?.appliedAt,
        oldestProgram: migration.oldestProgram, isKnown: true)
    }
    let unknown = applied.filter { row in !migrations.contains { $0.number == row.number } }
      .map { row in
        Step(
          number: row.number, name: row.name, appliedAt: row.appliedAt,
          oldestProgram: row.oldestProgram, isKnown: false)
      }
    return (known + unknown).sorted { $0.number < $1.number }
  }

  /// What the database has beyond this program, where ``check(_:)`` allows it.
  public func ahead(of database: any Database) async throws(MigrationError) -> [Step] {
    try await status(of: database).filter { !$0.isKnown }
  }

  /// Refuses a chain with a gap or two of one number, and a database that is
  /// newer by a step that this program can't live with, has one missing in
  /// between, or was made with other statements.
  ///
  /// - Returns: how many migrations are still to be applied.
  @discardableResult
  public func check(_ database: any Database) async throws(MigrationError) -> Int {
    try checkChain()
    return try await translating {
      try await database.read { try pending(after: MigrationLedger.rows(on: $0)).count }
    }
  }

  /// Applies what is missing.
  ///
  /// - Parameter target: the last migration to apply; nil for all.
  /// - Returns: the numbers this call applied; another process may have
  ///   applied the rest.
  @discardableResult
  public func up(
    _ database: any Database, to target: Int? = nil
  ) async throws(MigrationError) -> [Int] {
    try checkChain()
    return try await translating {
      // Most starts have nothing to do, and then take no lock.
      let isDone = try await database.read { connection in
        try next(on: connection, upTo: target) == nil
      }
      if isDone { return [] }
      var done: [Int] = []
      while let number = try await database.writeAlone({ try applyNext(on: $0, upTo: target) }) {
        done.append(number)
      }
      return done
    }
  }

  /// Undoes migrations, the last one first.
  ///
  /// - Parameter target: the last migration to keep; 0 for none. **What the
  ///   undone ones stored is lost.**
  /// - Returns: the numbers this call undid.
  @discardableResult
  public func down(_ database: any Database, to target: Int) async throws(MigrationError) -> [Int] {
    try checkChain()
    guard (0...migrations.count).contains(target) else { throw .noSuchTarget(target) }
    return try await translating {
      var undone: [Int] = []
      while let number = try await database.writeAlone({ try undoLast(on: $0, downTo: target) }) {
        undone.append(number)
      }
      return undone
    }
  }

  /// Tells schemas apart: equal for chains with the same statements.
  package func fingerprint() throws -> String {
    var hash = SHA256()
    for migration in migrations { hash.update(data: Array(try migration.checksum().utf8)) }
    return hash.finalize().hexadecimal
  }

  // MARK: Checks

  private func checkChain() throws(MigrationError) {
    let groups = Dictionary(grouping: migrations, by: \.number)
    for (number, same) in groups.sorted(by: { $0.key < $1.key }) where same.count > 1 {
      throw .duplicate(number: number, names: same.map(\.name))
    }
    let last = groups.keys.max() ?? 0
    for number in stride(from: 1, through: last, by: 1) where groups[number] == nil {
      throw .gap(missing: number)
    }
  }

  /// What the database lacks, in order.
  private func pending(after applied: [MigrationLedger.Row]) throws -> [Migration] {
    let ordered = migrations.sorted { $0.number < $1.number }
    let limit = ordered.count
    if let step = applied.first(where: { $0.number > limit && $0.oldestProgram > limit }) {
      throw MigrationError.newer(
        step: step.number, name: step.name, database: applied.last?.number ?? step.number,
        program: limit)
    }
    for (index, row) in applied.enumerated() {
      guard row.number == index + 1 else { throw MigrationError.skipped(number: index + 1) }
      // Newer ones that suit this program: their statements are theirs to know.
      if row.number > limit { continue }
      guard try row.checksum == ordered[index].checksum() else {
        throw MigrationError.changed(number: row.number, name: row.name)
      }
    }
    return Array(ordered.dropFirst(applied.count))
  }

  // MARK: Steps

  private func next(on connection: any Connection, upTo target: Int?) throws -> Migration? {
    let migration = try pending(after: MigrationLedger.rows(on: connection)).first
    return migration.flatMap { $0.number <= target ?? .max ? $0 : nil }
  }

  private func applyNext(on connection: any Connection, upTo target: Int?) throws -> Int? {
    try MigrationLedger.prepare(on: connection)
    guard let migration = try next(on: connection, upTo: target) else { return nil }
    for statement in migration.up { try connection.execute(statement) }
    try MigrationLedger.add(migration, at: Date(), on: connection)
    return migration.number
  }

  private func undoLast(on connection: any Connection, downTo target: Int) throws -> Int? {
    let applied = try MigrationLedger.rows(on: connection)
    _ = try pending(after: applied)
    guard let last = applied.last, last.number > target else { return nil }
    guard let migration = migrations.first(where: { $0.number == last.number }) else {
      throw MigrationError.unknownWayBack(number: last.number, name: last.name)
    }
    for statement in migration.down { try connection.execute(statement) }
    try MigrationLedger.remove(last.number, on: connection)
    return last.number
  }

  private func translating<T>(
    _ body: () async throws -> T
  ) async throws(MigrationError) -> T {
    do {
      return try await body()
    } catch let error as MigrationError {
      throw error
    } catch let error as StorageError {
      throw .storage(error)
    } catch {
      throw .storage(.other(String(reflecting: error)))
    }
  }
}
