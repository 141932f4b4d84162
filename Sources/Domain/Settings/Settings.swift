public import Foundation

/// One thing that admins decide while BabyHelm runs. Its value is kept as JSON.
public struct SettingKey<Value: Codable & Sendable>: Sendable {
  /// Its name in the database and in the audit log; never changed.
  let name: String
  /// What counts as long as nobody decided.
  let standard: Value

  init(_ name: String, standard: Value) {
    self.name = name
    self.standard = standard
  }
}

/// A setting as it is now.
public struct Setting<Value: Sendable>: Sendable {
  public let value: Value
  /// Counts the changes; 0 while nobody decided.
  public let version: Int
  /// Nil while nobody decided.
  public let changedAt: Date?
  /// Who changed it last; empty while nobody decided.
  public let changedBy: String
}

/// What admins decide while BabyHelm runs, kept in the database so that every
/// replica goes by the same.
public struct Settings: Sendable {
  private let database: any Database
  private let audit: AuditLog
  private let now: @Sendable () -> Date

  init(database: any Database, now: @escaping @Sendable () -> Date) {
    self.database = database
    self.now = now
    audit = AuditLog(database: database, now: now)
  }

  /// A setting, for whoever goes by it.
  ///
  /// - Throws: `unavailable`; `internalError` when a newer program wrote it.
  public func setting<Value>(
    _ key: SettingKey<Value>
  ) async throws(DomainError) -> Setting<Value> {
    try await database.reading { [self] connection in try setting(key, in: connection) }
  }

  /// The same within somebody else's transaction.
  func setting<Value>(
    _ key: SettingKey<Value>, in connection: any Connection
  ) throws -> Setting<Value> {
    guard
      let row = try connection.first(
        "SELECT value, version, changed_at, changed_by FROM settings WHERE name = \(key.name)")
    else {
      return Setting(value: key.standard, version: 0, changedAt: nil, changedBy: "")
    }
    let text: String = try row.get("value")
    return Setting(
      value: try JSONDecoder().decode(Value.self, from: Data(text.utf8)),
      version: try row.get("version"), changedAt: try row.get("changed_at"),
      changedBy: try row.get("changed_by"))
  }

  /// Decides a setting.
  ///
  /// - Parameters:
  ///   - version: of the setting that the admin saw.
  ///   - changes: what to write into the audit log.
  /// - Throws: `forbidden` unless the principal is an admin; `conflict` when
  ///   another admin changed it meanwhile; `unavailable`.
  func change<Value>(
    _ key: SettingKey<Value>, to value: Value, from version: Int, _ changes: [AuditChange],
    as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.changeSettings, of: principal)
    let text: String
    do {
      text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    } catch {
      throw DomainError(
        .internalError, "The setting can't be kept.", advice: "Tell an operator the request id.",
        underlying: "\(error)")
    }
    try await database.writing { [self] connection in
      let current = try setting(key, in: connection)
      guard current.version == version else {
        throw DomainError(
          .conflict, "\(current.changedBy) changed this setting while you did.",
          advice:
            "What it is now is shown on the settings page; send yours again if it should count.")
      }
      try connection.execute(
        """
        INSERT INTO settings (name, value, version, changed_at, changed_by)
        VALUES (\(key.name), \(text), \(version + 1), \(now()), \(principal.name))
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = excluded.version,
          changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """)
      try audit.record(
        .settingChange, AuditTarget(kind: "setting", name: key.name), changes, as: principal,
        in: connection)
    }
  }
}
