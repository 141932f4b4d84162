import Domain

/// Makes a database that a test has used as good as new.
enum PostgresCleaning {
  /// Everything that a test could change beside rows, as text.
  static func shape(of url: String) async throws -> String {
    let database = try await DatabaseURL(url).open(logger: TemporaryDatabase.quiet)
    do {
      let shape = try await database.read(shape(on:))
      await database.close()
      return shape
    } catch {
      await database.close()
      throw error
    }
  }

  /// Ends forgotten connections and deletes all rows.
  ///
  /// - Returns: false when that is not enough, because the test has changed
  ///   the schema, or when it can't be done.
  static func clean(_ url: String, shape: String) async throws -> Bool {
    let database = try await DatabaseURL(url).open(logger: TemporaryDatabase.quiet)
    let isClean = try? await database.write { connection in
      _ = try connection.query(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """)
      guard try self.shape(on: connection) == shape else { return false }
      // As a replica would, it checks no foreign keys, so the order is free.
      try connection.execute(
        """
        DO $$
        DECLARE name text;
        BEGIN
          SET LOCAL session_replication_role = replica;
          FOR name IN
            SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
          LOOP
            EXECUTE format('DELETE FROM %I', name);
          END LOOP;
        END $$
        """)
      return true
    }
    await database.close()
    return isClean ?? false
  }

  /// 16384 is the first identifier that is not PostgreSQL's own.
  @Sendable private static func shape(on connection: any Connection) throws -> String {
    let row = try connection.first(
      """
      SELECT concat_ws('; ',
        (SELECT string_agg(concat(oid, relname, relnatts, relchecks, relhastriggers), ',' ORDER BY oid)
          FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm', 'S', 'i')),
        (SELECT string_agg(concat(oid, conname), ',' ORDER BY oid)
          FROM pg_constraint WHERE oid >= 16384),
        (SELECT COUNT(*) FROM pg_trigger),
        (SELECT COUNT(*) FROM pg_proc),
        (SELECT string_agg(concat(number, checksum), ',' ORDER BY number) FROM schema_migrations)
      ) AS shape
      """)
    return try row?.get("shape") ?? ""
  }
}
