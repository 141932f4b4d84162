internal import Foundation

extension Accounts {
  /// Sessions that people could go on with.
  ///
  /// - Throws: `unavailable`.
  func countSessions() async throws(DomainError) -> Int {
    let time = now()
    return try await database.reading { [store] connection in
      try store.countSessions(at: time, in: connection)
    }
  }

  /// Accounts that aren't suspended and haven't run out, by role; roles that
  /// nobody has are there, too.
  ///
  /// - Throws: `unavailable`.
  func countUsers() async throws(DomainError) -> [(PlatformRole, Int)] {
    let time = now()
    return try await database.reading { [store] connection in
      let counts = try store.countUsers(at: time, in: connection)
      return PlatformRole.allCases.map { ($0, counts[$0] ?? 0) }
    }
  }
}

extension AccountStore {
  fileprivate func countSessions(at time: Date, in connection: any Connection) throws -> Int {
    try connection.first("SELECT COUNT(*) AS total FROM sessions WHERE expires_at > \(time)")?
      .get("total") ?? 0
  }

  fileprivate func countUsers(
    at time: Date, in connection: any Connection
  ) throws -> [PlatformRole: Int] {
    let rows = try connection.query(
      """
      SELECT role, COUNT(*) AS total FROM users
      WHERE suspended_at IS NULL AND (expires_at IS NULL OR expires_at > \(time)) GROUP BY role
      """)
    var counts: [PlatformRole: Int] = [:]
    for row in rows { counts[try row.get("role")] = try row.get("total") }
    return counts
  }
}
