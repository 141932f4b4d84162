import Foundation
import TestSupport
import Testing

@testable import Domain

struct MigrationChainTests {
  private let one = Migration(
    1, "one", up: ["CREATE TABLE one (n INTEGER)"], down: ["DROP TABLE one"])
  private let two = Migration(
    2, "two", up: ["CREATE TABLE two (n INTEGER)"], down: ["DROP TABLE two"])
  private let three = Migration(
    3, "three", up: ["CREATE TABLE three (n INTEGER)"], down: ["DROP TABLE three"])

  @Test(arguments: TestDatabase.available)
  func `up, filled, down and up again gives the same schema`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let chain = MigrationChain.all

      try await chain.up(database)
      let first = try await schema(of: database)
      let counts = try await fill(database)
      try await chain.down(database, to: 0)
      let empty = try await schema(of: database)
      try await chain.up(database)
      let second = try await schema(of: database)

      #expect(counts.allSatisfy { $0.value > 0 }, "no rows in \(counts)")
      #expect(empty.filter { !$0.contains("schema_migrations") } == [])
      #expect(first.count > 20)
      #expect(second == first)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `it goes up and down by steps`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let chain = MigrationChain([one, two, three])

      try await expectSteps([false, false, false], chain, database)
      var done = try await chain.up(database, to: 2)
      #expect(done == [1, 2])
      try await expectSteps([true, true, false], chain, database)
      done = try await chain.up(database)
      #expect(done == [3])
      done = try await chain.up(database)
      #expect(done == [])
      done = try await chain.down(database, to: 1)
      #expect(done == [3, 2])
      try await expectSteps([true, false, false], chain, database)
      let pending = try await chain.check(database)
      #expect(pending == 2)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a gap is refused`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let chain = MigrationChain([one, three])

      await refuses(.gap(missing: 2)) { try await chain.check(database) }
      await refuses(.gap(missing: 2)) { try await chain.up(database) }
      await refuses(.gap(missing: 2)) { try await chain.down(database, to: 0) }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two with one number are refused`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let twin = Migration(2, "twin", up: [], down: [])
      let chain = MigrationChain([one, two, twin])

      await refuses(.duplicate(number: 2, names: ["two", "twin"])) {
        try await chain.up(database)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a database newer than the program is refused`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      try await MigrationChain([one, two, three]).up(database)
      let old = MigrationChain([one, two])

      let newer = MigrationError.newer(step: 3, name: "three", database: 3, program: 2)
      await refuses(newer) { try await old.check(database) }
      await refuses(newer) { try await old.up(database) }
      await refuses(newer) { try await old.down(database, to: 0) }
      // The status still answers, and shows the stranger.
      let status = try await old.status(of: database)
      #expect(status.map(\.name) == ["one", "two", "three"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an older program serves with a newer step that only adds`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let added = Migration(
        3, "added", oldestProgram: 2, up: ["CREATE TABLE three (n INTEGER)"],
        down: ["DROP TABLE three"])
      let (old, new) = (MigrationChain([one, two]), MigrationChain([one, two, added]))
      try await old.up(database)
      try await database.write { try $0.execute("INSERT INTO two VALUES (\(7))") }

      // The new program's step comes while the old one serves, and it may start again.
      #expect(try await new.up(database) == [3])
      #expect(try await old.check(database) == 0)
      #expect(try await old.up(database) == [])
      #expect(try await old.ahead(of: database).map(\.name) == ["added"])
      #expect(try await new.ahead(of: database) == [])
      let kept = try await database.read { try $0.query("SELECT n FROM two").count }
      #expect(kept == 1)

      // Only who knows the step undoes it.
      await refuses(.unknownWayBack(number: 3, name: "added")) {
        try await old.down(database, to: 1)
      }
      // A program before the one that it suits is refused.
      await refuses(.newer(step: 2, name: "two", database: 3, program: 1)) {
        try await MigrationChain([one]).check(database)
      }
      #expect(try await new.down(database, to: 2) == [3])
      #expect(try await old.ahead(of: database) == [])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a record of an older program learns what suits whom`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      try await MigrationChain([one, two]).up(database)
      try await database.write { connection in
        try connection.execute("ALTER TABLE schema_migrations DROP COLUMN oldest_program")
      }
      await refuses(.newer(step: 2, name: "two", database: 2, program: 1)) {
        try await MigrationChain([one]).check(database)
      }

      let three = Migration(
        3, "three", oldestProgram: 2, up: ["CREATE TABLE three (n INTEGER)"],
        down: ["DROP TABLE three"])
      #expect(try await MigrationChain([one, two, three]).up(database) == [3])
      #expect(try await MigrationChain([one, two]).check(database) == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an edited migration is refused`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      try await MigrationChain([one, two]).up(database)
      let edited = Migration(
        1, "one", up: ["CREATE TABLE one (n BIGINT)"], down: ["DROP TABLE one"])
      let undone = Migration(1, "one", up: ["CREATE TABLE one (n INTEGER)"], down: [])

      for changed in [edited, undone] {
        await refuses(.changed(number: 1, name: "one")) {
          try await MigrationChain([changed, two]).up(database)
        }
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a hole in the database is refused`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let chain = MigrationChain([one, two, three])
      try await chain.up(database)
      try await database.write {
        try $0.execute("DELETE FROM schema_migrations WHERE number = \(2)")
      }

      await refuses(.skipped(number: 2)) { try await chain.up(database) }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a migration that fails half-way leaves nothing`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let broken = Migration(
        2, "broken", up: ["CREATE TABLE two (n INTEGER)", "CREATE TABLE one (n INTEGER)"], down: [])
      let chain = MigrationChain([one, broken])

      await #expect(throws: MigrationError.self) { try await chain.up(database) }

      try await expectSteps([true, false], chain, database)
      let left = try await schema(of: database)
      #expect(!left.contains { $0.contains("two") })
    }
  }

  @Test(arguments: TestDatabase.available)
  func `processes that start together migrate once`(kind: TestDatabase) async throws {
    try await withTemporaryDatabase(kind, migrated: false) { temporary in
      let databases = [
        try await temporary.open(), try await temporary.open(), try await temporary.open(),
      ]

      let done = try await withThrowingTaskGroup(of: [Int].self) { group in
        for database in databases {
          group.addTask { try await MigrationChain.all.up(database) }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }

      #expect(done.sorted() == Array(1...22))
      for database in databases { await database.close() }
    }
  }

  @Test func `a refusal says what to do`() {
    let errors: [MigrationError] = [
      .gap(missing: 2), .duplicate(number: 2, names: ["a", "b"]),
      .newer(step: 3, name: "c", database: 3, program: 2),
      .unknownWayBack(number: 3, name: "c"), .skipped(number: 2), .changed(number: 1, name: "one"),
    ]

    for error in errors { #expect(error.description.contains("Nothing was changed. ")) }
    #expect(
      "\(errors[2])".contains("babyhelm migrate down --to 2"))
  }

  // MARK: Then

  private func refuses(
    _ error: MigrationError, _ body: () async throws -> Any,
    at location: SourceLocation = #_sourceLocation
  ) async {
    await #expect(throws: error, sourceLocation: location) { _ = try await body() }
  }

  private func expectSteps(
    _ applied: [Bool], _ chain: MigrationChain, _ database: any Database,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let status = try await chain.status(of: database)
    #expect(status.map { $0.appliedAt != nil } == applied, sourceLocation: location)
  }

  /// Tables, columns, constraints and indexes, a line each.
  private func schema(of database: any Database) async throws -> [String] {
    let queries: [SQL] =
      switch database.dialect {
      case .sqlite:
        [
          """
          SELECT name || ': ' || sql AS line FROM sqlite_master WHERE sql IS NOT NULL
          UNION ALL
          SELECT m.name || ' ' || i.name || ' unique ' || i."unique"
          FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'
          UNION ALL
          SELECT m.name || '.' || c.name || ' ' || c.type || c."notnull" || c.pk
          FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
          """
        ]
      case .postgres:
        [
          """
          SELECT table_name || '.' || column_name || ' ' || data_type || is_nullable AS line
          FROM information_schema.columns WHERE table_schema = 'public'
          """,
          "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'",
          """
          SELECT conrelid::regclass || ' ' || conname || pg_get_constraintdef(oid) AS line
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
          """,
        ]
      }
    return try await database.read { connection in
      try queries.flatMap { try connection.query($0) }.map { try $0.get("line") }.sorted()
    }
  }

  /// One row in every table; the number of rows of each table.
  func fill(_ database: any Database) async throws -> [String: Int] {
    let rows: [SQL] = [
      "INSERT INTO users VALUES ('u', 'A@b', 'a@b', 'Ann', 'hash', 'admin', NULL, 1, 2, NULL, 'ru')",
      "INSERT INTO sessions VALUES ('s', 'u', 'token', 1, 2, 3, '127.0.0.1', 'curl')",
      "INSERT INTO signing_keys VALUES ('k', 'c2VjcmV0', 1, NULL)",
      """
      INSERT INTO projects VALUES
        ('p', 'shop', NULL, 'ready', '2', '4Gi', 20, 'u', 1, '9Gi', 'restricted',
         NULL, NULL, NULL, NULL, 1, 9)
      """,
      "INSERT INTO external_identities VALUES ('https://id', 'subject', 'u', 1)",
      "INSERT INTO memberships VALUES ('p', 'u', 'owner', 1)",
      "INSERT INTO member_rights VALUES ('p', 'u', 'edit')",
      """
      INSERT INTO audit_events VALUES
        (1, 2, 'u', 'a@b', 'browser', '', '', 'member.add', 'user', 'c@d', 'shop', 'done', '', '[]',
          1, 'hash')
      """,
      "INSERT INTO audit_head VALUES (1, 1, 'hash', 0, 'zero')",
      """
      INSERT INTO applications VALUES
        ('a', 'p', 'web', 'nginx', '{}', 1, 1, 1, NULL, NULL, 0, NULL)
      """,
      """
      INSERT INTO releases VALUES
        ('r', 'a', 1, '{}', '[]', 'hash', 'u', '', 'rollingOut', NULL, 1, NULL, 'nginx', NULL)
      """,
      "INSERT INTO versioned_objects VALUES ('p', 'web', 'Secret', 'web-secrets-1', 1)",
      "INSERT INTO operations VALUES ('o', 'deploy', 'p', 'r', 'queued', 0, NULL, NULL, 1, NULL)",
      "INSERT INTO settings VALUES ('price-list', 'null', 1, 2, 'Ann')",
      "INSERT INTO usage_hours VALUES ('a', 0, 'p', 'shop', 'web', 60, 1, 2, 3, 60, 4, 5, 6, 7)",
      "INSERT INTO usage_days VALUES ('a', 0, 'p', 60, '1:2', '3:4')",
      "INSERT INTO usage_clock VALUES (1, 2)",
      "INSERT INTO api_tokens VALUES ('t', 'u', 'CI', 'hash', 'read', 1, 2, NULL)",
      "INSERT INTO password_resets VALUES ('u', 'hash', 1, 2)",
      """
      INSERT INTO quota_requests VALUES
        ('q', 'p', '8', '8Gi', 50, '0', '', 'Ann', 1, NULL, '', '', NULL)
      """,
      """
      INSERT INTO invitations VALUES
        ('i', 'hash', 'bob@example.net', 'member', 'p', 'viewer', 'u', 1, 2)
      """,
      "INSERT INTO attempts VALUES ('k', 1, 2, 3)",
      "INSERT INTO kept_answers VALUES ('u', 'k', 'hash', NULL, 1)",
      "INSERT INTO notices VALUES (1, 'msg', 'p', 'alert.began', 's', '{}', 0, 1, NULL)",
      """
      INSERT INTO webhooks VALUES
        ('w', 'p', 'chat', 'https://a.example', 'json', '', 0, '', 'sealed', NULL, NULL, 1, 1, NULL,
          0, 1, 0, 'u', 1, 1)
      """,
      """
      INSERT INTO webhook_deliveries VALUES
        ('msg', 'w', 1, 'alert.began', '[]', 'waiting', 0, '[]', 1, NULL, NULL, 1, NULL)
      """,
      "INSERT INTO mail_choices VALUES ('u', NULL, 'all', 'none')",
      "INSERT INTO mail_items VALUES ('u', 1, 'p', 1, 0)",
      "INSERT INTO mails VALUES ('m', 'u', '[]', 0, 'waiting', 0, '', 1, NULL, NULL, 1, NULL)",
      "INSERT INTO deploy_hooks VALUES ('h', 'a', 'CI', 'v*', 'hash', 'sealed', 'u', 1, 2)",
      """
      INSERT INTO deploy_hook_uses VALUES
        ('i', 'h', 'delivery', 1, 'deployed', 'Release #1', 'v1', 1, '192.0.2.1')
      """,
      """
      INSERT INTO alerts (id, fingerprint, name, severity, source, state, project_id, namespace,
        summary, description, labels, started_at, heard_at, expires_at, created_at, told)
      VALUES ('l', 'f', 'CrashLoop', 'warning', 'cluster', 'firing', 'p', 'shop', 's', 'd', '{}',
        1, 2, 3, 4, 0)
      """,
      """
      INSERT INTO alert_silences (id, project_id, namespace, scope, matchers, comment, created_by,
        created_at, ends_at, outside_state, problem)
      VALUES ('c', 'p', 'shop', 'name', '{}', '', 'Ann', 1, 2, 'none', '')
      """,
      "INSERT INTO alert_pending VALUES ('f', 'cluster', 1, 2, 3)",
      "INSERT INTO alert_intake VALUES (1, 'hash', 1, 'Ann', 2, 0, NULL)",
      "INSERT INTO alert_clock VALUES (1, 1, 2, '[]')",
      "INSERT INTO duties VALUES ('audit', 'w', 1, 2)",
    ]
    return try await database.write { connection in
      for row in rows { try connection.execute(row) }
      return try Self.count(
        connection.query(
          """
          SELECT 'users' AS t, COUNT(*) AS n FROM users
          UNION ALL SELECT 'sessions', COUNT(*) FROM sessions
          UNION ALL SELECT 'signing_keys', COUNT(*) FROM signing_keys
          UNION ALL SELECT 'projects', COUNT(*) FROM projects
          UNION ALL SELECT 'external_identities', COUNT(*) FROM external_identities
          UNION ALL SELECT 'memberships', COUNT(*) FROM memberships
          UNION ALL SELECT 'member_rights', COUNT(*) FROM member_rights
          UNION ALL SELECT 'audit_events', COUNT(*) FROM audit_events
          UNION ALL SELECT 'audit_head', COUNT(*) FROM audit_head
          UNION ALL SELECT 'applications', COUNT(*) FROM applications
          UNION ALL SELECT 'releases', COUNT(*) FROM releases
          UNION ALL SELECT 'versioned_objects', COUNT(*) FROM versioned_objects
          UNION ALL SELECT 'operations', COUNT(*) FROM operations
          UNION ALL SELECT 'quota_requests', COUNT(*) FROM quota_requests
          UNION ALL SELECT 'invitations', COUNT(*) FROM invitations
          UNION ALL SELECT 'attempts', COUNT(*) FROM attempts
          UNION ALL SELECT 'kept_answers', COUNT(*) FROM kept_answers
          UNION ALL SELECT 'notices', COUNT(*) FROM notices
          UNION ALL SELECT 'webhooks', COUNT(*) FROM webhooks
          UNION ALL SELECT 'webhook_deliveries', COUNT(*) FROM webhook_deliveries
          UNION ALL SELECT 'mail_choices', COUNT(*) FROM mail_choices
          UNION ALL SELECT 'mail_items', COUNT(*) FROM mail_items
          UNION ALL SELECT 'mails', COUNT(*) FROM mails
          UNION ALL SELECT 'deploy_hooks', COUNT(*) FROM deploy_hooks
          UNION ALL SELECT 'deploy_hook_uses', COUNT(*) FROM deploy_hook_uses
          UNION ALL SELECT 'alerts', COUNT(*) FROM alerts
          UNION ALL SELECT 'alert_silences', COUNT(*) FROM alert_silences
          UNION ALL SELECT 'alert_pending', COUNT(*) FROM alert_pending
          UNION ALL SELECT 'alert_intake', COUNT(*) FROM alert_intake
          UNION ALL SELECT 'alert_clock', COUNT(*) FROM alert_clock
          UNION ALL SELECT 'duties', COUNT(*) FROM duties
          """))
    }
  }

  private static func count(_ rows: [Row]) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for row in rows { counts[try row.get("t")] = try row.get("n") }
    return counts
  }
}
