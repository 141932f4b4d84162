internal import struct Foundation.Date

/// The SQL of accounts that other parties vouch for.
struct ExternalIdentityStore {
  func userID(
    of identity: ExternalIdentity, in connection: any Connection
  ) throws -> User.ID? {
    try connection.first(
      """
      SELECT user_id FROM external_identities
      WHERE issuer = \(identity.issuer) AND subject = \(identity.subject)
      """
    )?.get("user_id")
  }

  /// Connects an identity with an account; one that is connected already stays
  /// as it is.
  ///
  /// - Returns: whether it is new.
  func connect(
    _ identity: ExternalIdentity, with user: User.ID, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      INSERT INTO external_identities (issuer, subject, user_id, created_at)
      VALUES (\(identity.issuer), \(identity.subject), \(user), \(time))
      ON CONFLICT (issuer, subject) DO NOTHING
      """) == 1
  }
}
