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
    .deployHooks, .alerts,
  ])

  /// Where one migration stands.
  public struct Step: Sendable, Hashable {
    public let number: Int
    public let name: String
    /// When it was applied; nil when it is not.
    public let appliedAt: Date?
  }

  private let migrations: [Migration]

  /// A chain; its mistakes are found by ``check(_:)``.
  public init(_ migrations: [Migration]) {
    self.migrations = migrations
  }

  /// The migrations of this program and the database's, in order of number.
  /// It checks nothing, so that it also answers when ``check(_:)`` refuses.
  public func status(of database: any Database) async throws(MigrationError) -> [Step] {
    let applied = try await translating { try await database.read(Self.applied) }
    let known = migrations.map { migration in
      Step(
        number: migration.number, name: migration.name,
        appliedAt: applied.first { $0.number == migration.number }?.appliedAt)
    }
    let unknown = applied.filter { row in !migrations.contains { $0.number == row.number } }
    return (known + unknown.map { Step(number: $0.number, name: $0.name, appliedAt: $0.appliedAt) })
      .sorted { $0.number < $1.number }
  }

  /// Refuses a chain with a gap or two of one number, and a database that is
  /// newer, has one missing in between, or was made with other statements.
  ///
  /// - Returns: how many migrations are still to be applied.
  @discardableResult
  public func check(_ database: any Database) async throws(MigrationError) -> Int {
    try checkChain()
    return try await translating {
      try await database.read { try pending(after: Self.applied(on: $0)).count }
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
  private func pending(after applied: [Applied]) throws -> [Migration] {
    let ordered = migrations.sorted { $0.number < $1.number }
    if let last = applied.last, last.number > ordered.count {
      throw MigrationError.newer(database: last.number, program: ordered.count)
    }
    for (index, row) in applied.enumerated() {
      guard row.number == index + 1 else { throw MigrationError.skipped(number: index + 1) }
      guard try row.checksum == ordered[index].checksum() else {
        throw MigrationError.changed(number: row.number, name: row.name)
      }
    }
    return Array(ordered.dropFirst(applied.count))
  }

  // MARK: Steps

  private func next(on connection: any Connection, upTo target: Int?) throws -> Migration? {
    let migration = try pending(after: Self.applied(on: connection)).first
    return migration.flatMap { $0.number <= target ?? .max ? $0 : nil }
  }

  private func applyNext(on connection: any Connection, upTo target: Int?) throws -> Int? {
    try connection.execute(Self.table)
    guard let migration = try next(on: connection, upTo: target) else { return nil }
    for statement in migration.up { try connection.execute(statement) }
    try connection.execute(
      """
      INSERT INTO schema_migrations (number, name, checksum, applied_at)
      VALUES (\(migration.number), \(migration.name), \(try migration.checksum()), \(Date()))
      """)
    return migration.number
  }

  private func undoLast(on connection: any Connection, downTo target: Int) throws -> Int? {
    let applied = try Self.applied(on: connection)
    _ = try pending(after: applied)
    guard let last = applied.last, last.number > target,
      let migration = migrations.first(where: { $0.number == last.number })
    else { return nil }
    for statement in migration.down { try connection.execute(statement) }
    try connection.execute("DELETE FROM schema_migrations WHERE number = \(last.number)")
    return last.number
  }

  // MARK: The table

  /// A row of `schema_migrations`.
  private struct Applied: Sendable {
    var number: Int
    var name: String
    var checksum: String
    var appliedAt: Date
  }

  private static let table: SQL = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
      number INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      checksum TEXT NOT NULL,
      applied_at BIGINT NOT NULL
    )
    """

  @Sendable private static func applied(on connection: any Connection) throws -> [Applied] {
    let exists: SQL = """
      \(sqlite: "SELECT name FROM sqlite_master WHERE type = 'table'",
        postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
      AND \(sqlite: "name", postgres: "tablename") = 'schema_migrations'
      """
    // A new database has no table, and a missing table would end the transaction.
    guard try connection.first(exists) != nil else { return [] }
    let rows = try connection.query(
      "SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number")
    return try rows.map { row in
      Applied(
        number: try row.get("number"), name: try row.get("name"),
        checksum: try row.get("checksum"), appliedAt: try row.get("applied_at"))
    }
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
