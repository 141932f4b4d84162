internal import Foundation

extension Accounts {
  /// Whether somebody who asked a while ago would still be let in as who they
  /// were: their session or token lives, they aren't suspended, and their role
  /// is the same. For answers that go on for long.
  ///
  /// Unlike ``authenticate(token:requestID:address:)`` it isn't a use of the
  /// session, so an open page doesn't keep one alive for ever.
  /// - Throws: `unavailable` when the database can't be asked; nobody is
  ///   allowed anything then.
  public func isStill(_ principal: Principal) async throws(DomainError) -> Bool {
    let time = now()
    return try await database.reading { [store] connection in
      let role: PlatformRole?
      switch principal.credential {
      case .session(let id):
        let found = try store.session(id, at: time, in: connection)
        role = found?.user.id == principal.userID ? found?.user.role : nil
      case .token(let id, _):
        role = try store.ownerRole(
          of: id, user: principal.userID, at: time, in: connection)
      case .anonymous, .link, .commandLine, .system:
        role = nil
      }
      return role == principal.role
    }
  }
}
