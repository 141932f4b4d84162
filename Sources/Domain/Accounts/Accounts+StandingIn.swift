extension Accounts {
  /// Somebody in whose name BabyHelm goes on with what they began, with the role
  /// that they have now.
  ///
  /// - Returns: nil when they are suspended, or gone.
  /// - Throws: `unavailable`.
  func standIn(
    for id: User.ID, requestID: String, address: String
  ) async throws(DomainError) -> Principal? {
    let time = now()
    let user = try await database.reading { [store] connection in
      try store.user(id, in: connection)
    }
    guard let user, user.suspendedAt == nil, user.expiresAt.map({ $0 > time }) ?? true else {
      return nil
    }
    return Principal(
      userID: user.id, name: user.name, email: user.email, role: user.role, credential: .system,
      requestID: requestID, address: address, vanishesAt: user.expiresAt)
  }
}
