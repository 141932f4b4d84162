internal import Foundation

extension Accounts {
  /// A person's account as it is now, for somebody who learnt of the person
  /// elsewhere and not from a session.
  ///
  /// - Returns: nil for who has no account, is suspended, or whose account ran
  ///   out.
  /// - Throws: `unavailable`; then nobody counts as anybody.
  func standing(of id: User.ID) async throws(DomainError) -> User? {
    let time = now()
    let user = try await database.reading { [store] connection in
      try store.user(id, in: connection)
    }
    guard let user, user.suspendedAt == nil, user.expiresAt.map({ $0 > time }) ?? true
    else { return nil }
    return user
  }
}
