internal import Foundation

/// Visitors without an account: each gets one of their own that vanishes, so
/// that no two see anything of each other.
extension Accounts {
  /// How long somebody may look around, in seconds.
  static let visitLifetime: Double = 12 * 3600
  /// How many look around at the same time.
  static let visitorLimit = 2_000

  /// Signs in somebody who only looks around.
  ///
  /// - Throws: `forbidden` where admins didn't turn demos on; `tooManyRequests`;
  ///   `unavailable`.
  public func lookAround(from client: ClientInfo) async throws(DomainError) -> SignedIn {
    let time = now()
    let end = time.addingTimeInterval(Self.visitLifetime)
    let id = User.ID.random()
    // No mail reaches it (RFC 2606 §2), and no two are alike.
    let visitor = User(
      id: id, email: "\(id.rawValue.lowercased())@visitors.invalid", name: "Visitor",
      role: .visitor, suspendedAt: nil, createdAt: time, lastSeenAt: time, expiresAt: end)
    let session = try await database.writing { [self] connection in
      guard try policies.policy(in: connection).isDemoOn else { throw Self.noDemo }
      let attempt = AttemptLimits.Attempt.visit(address: client.address)
      try limits.require(attempt, at: time, in: connection)
      try limits.noteFailure(of: attempt, at: time, in: connection)
      guard try store.visitorCount(at: time, in: connection) < Self.visitorLimit else {
        throw Self.crowded
      }
      // No password verifies against an empty hash.
      try insert(visitor, hash: "", in: connection)
      let session = try openSession(of: id, from: client, at: time, until: end, in: connection)
      try audit.record(
        .sessionVisit, .user(visitor.email),
        as: Self.principal(visitor, session, address: client.address), in: connection)
      return session
    }
    return try await signedIn(visitor, session)
  }

  private static var noDemo: DomainError {
    DomainError(
      .forbidden, "Nobody can look around here without an account.",
      advice: "Register, or ask an admin for an invitation.")
  }

  private static var crowded: DomainError {
    DomainError(
      .tooManyRequests, "Too many people look around at the moment.",
      advice: "Try again in a while, or register.", retryAfter: .seconds(600))
  }
}

extension AccountStore {
  func visitorCount(at time: Date, in connection: any Connection) throws -> Int {
    try connection.first("SELECT COUNT(*) AS number FROM users WHERE expires_at > \(time)")?
      .get("number") ?? 0
  }

  /// Forgets visitors whose time is over, at most 500, unless a project of theirs
  /// is still being removed.
  func deleteVisitors(expiredAt time: Date, in connection: any Connection) throws {
    try connection.execute(
      """
      DELETE FROM users WHERE id IN (
        SELECT u.id FROM users u WHERE u.expires_at <= \(time)
          AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.created_by = u.id)
          AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.author_id = u.id)
        ORDER BY u.expires_at LIMIT 500)
      """)
  }
}
