/// The database as an operator looks at it.
public struct DatabaseReport: Sendable, Hashable {
  /// Of the whole database server, in all its databases.
  public struct Connections: Sendable, Hashable {
    public let used: Int
    /// Those of BabyHelm's replicas and commands, as far as their role may see.
    public let ours: Int
    /// How many it takes from ordinary roles.
    public let limit: Int
  }

  /// As in `PostgreSQL 15.8`.
  public let version: String
  /// nil for SQLite, which has none.
  public let connections: Connections?
  /// How many connections one replica opens at most for its work; it has one more
  /// to hear of the others.
  public let poolSize: Int

  /// Whether the server has room for one more replica. nil for SQLite.
  public var hasRoom: Bool? { connections.map { $0.used + poolSize < $0.limit } }
}

/// How the database does.
public struct DatabaseHealth: Sendable {
  let database: any Database

  public init(database: any Database) {
    self.database = database
  }

  /// The database as it is now.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func report(as principal: Principal) async throws(DomainError) -> DatabaseReport {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let poolSize = database.connectionLimit
    return try await database.reading { connection in
      switch connection.dialect {
      case .sqlite:
        let row = try connection.first("SELECT sqlite_version() AS version")
        return DatabaseReport(
          version: "SQLite \(try row?.get("version", as: String.self) ?? "")", connections: nil,
          poolSize: poolSize)
      case .postgres: return try Self.server(connection, poolSize)
      }
    }
  }

  private static func server(
    _ connection: any Connection, _ poolSize: Int
  ) throws -> DatabaseReport {
    // Other roles' sessions are counted, but not what they are for.
    let row = try connection.first(
      """
      SELECT current_setting('server_version') AS version,
        (SELECT COUNT(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS used,
        (SELECT COUNT(*) FROM pg_stat_activity
          WHERE application_name = current_setting('application_name')) AS ours,
        current_setting('max_connections')::bigint
          - current_setting('superuser_reserved_connections')::bigint AS room
      """)
    guard let row else { throw StorageError.other("PostgreSQL tells nothing of itself.") }
    let version: String = try row.get("version")
    return DatabaseReport(
      version: "PostgreSQL \(version.prefix { $0 != " " })",
      connections: DatabaseReport.Connections(
        used: try row.get("used"), ours: try row.get("ours"), limit: try row.get("room")),
      poolSize: poolSize)
  }
}
