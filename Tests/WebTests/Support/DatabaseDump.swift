@testable import Domain

/// All that a database holds, to see whether something wrote to it.
struct DatabaseDump: Equatable {
  /// The rows of each table as text, in no order that matters.
  var tables: [String: [String]] = [:]

  /// Every table there is; ``of(_:)`` fails when one is missing here.
  private static let queries: [String: SQL] = [
    "users": "SELECT * FROM users", "sessions": "SELECT * FROM sessions",
    "signing_keys": "SELECT * FROM signing_keys", "projects": "SELECT * FROM projects",
    "memberships": "SELECT * FROM memberships", "applications": "SELECT * FROM applications",
    "releases": "SELECT * FROM releases", "operations": "SELECT * FROM operations",
    "versioned_objects": "SELECT * FROM versioned_objects",
    "member_rights": "SELECT * FROM member_rights",
    "external_identities": "SELECT * FROM external_identities",
    "audit_events": "SELECT * FROM audit_events", "audit_head": "SELECT * FROM audit_head",
    "settings": "SELECT * FROM settings", "usage_hours": "SELECT * FROM usage_hours",
    "usage_days": "SELECT * FROM usage_days", "usage_clock": "SELECT * FROM usage_clock",
    "api_tokens": "SELECT * FROM api_tokens",
    "password_resets": "SELECT * FROM password_resets",
    "quota_requests": "SELECT * FROM quota_requests",
    "invitations": "SELECT * FROM invitations", "attempts": "SELECT * FROM attempts",
    "kept_answers": "SELECT * FROM kept_answers",
    "notices": "SELECT * FROM notices", "webhooks": "SELECT * FROM webhooks",
    "webhook_deliveries": "SELECT * FROM webhook_deliveries",
    "mail_choices": "SELECT * FROM mail_choices", "mail_items": "SELECT * FROM mail_items",
    "mails": "SELECT * FROM mails",
    "deploy_hooks": "SELECT * FROM deploy_hooks",
    "deploy_hook_uses": "SELECT * FROM deploy_hook_uses",
    "alerts": "SELECT * FROM alerts", "alert_silences": "SELECT * FROM alert_silences",
    "alert_pending": "SELECT * FROM alert_pending", "alert_intake": "SELECT * FROM alert_intake",
    "alert_clock": "SELECT * FROM alert_clock", "duties": "SELECT * FROM duties",
  ]
  /// What holds no data of people's: how far the schema is.
  private static let ours: Set<String> = ["migrations", "schema_migrations", "sqlite_sequence"]

  static func of(_ database: any Database) async throws -> DatabaseDump {
    try await database.read { connection in
      var dump = DatabaseDump()
      let names = try connection.query("SELECT name FROM sqlite_master WHERE type = 'table'")
      for name in try names.map({ try $0.get("name", as: String.self) })
      where !ours.contains(name) {
        guard let query = queries[name] else { throw UnknownTable(name: name) }
        dump.tables[name] = try connection.query(query).map { "\($0.values)" }.sorted()
      }
      return dump
    }
  }

  /// The tables that differ, with the rows that one of the two lacks.
  func difference(from other: DatabaseDump) -> String {
    tables.keys.sorted().filter { tables[$0] != other.tables[$0] }.map { name in
      let (new, old) = (Set(tables[name] ?? []), Set(other.tables[name] ?? []))
      return "\(name): \(new.symmetricDifference(old).sorted())"
    }.joined(separator: "\n")
  }

  struct UnknownTable: Error {
    let name: String
  }
}
