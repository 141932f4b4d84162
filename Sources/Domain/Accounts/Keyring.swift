internal import Foundation
internal import Synchronization

/// Keeps the signing keys of this process like those in the database, which
/// all replicas share.
final class Keyring: Sendable {
  /// How often an unknown key id may make this process look again, in seconds.
  static let unknownKeyInterval: Double = 2
  /// How old the keys may be when one of them signs, in seconds.
  static let signingInterval: Double = 60

  private struct State {
    var loadedAt = Date.distantPast
    var loading: Task<Void, any Error>?
  }

  private let database: any Database
  private let tokens: SessionTokens
  private let now: @Sendable () -> Date
  private let store = AccountStore()
  private let state = Mutex(State())

  init(database: any Database, tokens: SessionTokens, now: @escaping @Sendable () -> Date) {
    self.database = database
    self.tokens = tokens
    self.now = now
  }

  /// Loads the keys, and makes the first one, unless that has just been done.
  /// Who comes while they are loading waits for the same.
  ///
  /// - Parameter age: in seconds.
  /// - Throws: `unavailable`; `internalError` for a key that can't be used.
  func refresh(ifOlderThan age: Double) async throws(DomainError) {
    let time = now()
    let loading = state.withLock { state -> Task<Void, any Error>? in
      if let loading = state.loading { return loading }
      guard abs(time.timeIntervalSince(state.loadedAt)) >= age else { return nil }
      // A task of its own: others wait for it too, so a request that ends may
      // not cancel it.
      let task = Task { try await self.load(at: time) }
      state.loading = task
      return task
    }
    do {
      try await loading?.value
    } catch {
      throw error as? DomainError ?? Self.unusable(error)
    }
  }

  /// Makes a new key sign.
  ///
  /// - Parameter record: notes it within the same transaction.
  /// - Throws: `unavailable`.
  func rotate(
    _ record: @escaping @Sendable (String, any Connection) throws -> Void
  ) async throws(DomainError) {
    let time = now()
    let keys = try await database.writing { [store] connection in
      let key = SigningKey.random(at: time)
      try store.retireKeys(at: time, in: connection)
      try store.insert(key, in: connection)
      let keys = try store.keys(in: connection)
      try record(key.id, connection)
      return keys
    }
    try await use(keys)
  }

  private func load(at time: Date) async throws(DomainError) {
    defer { state.withLock { $0.loading = nil } }
    var keys = try await database.reading { [store] connection in try store.keys(in: connection) }
    if !keys.contains(where: { $0.retiredAt == nil }) {
      keys = try await database.writing { [store] connection in
        // Replicas that start together make one key.
        let keys = try store.keys(in: connection)
        if keys.contains(where: { $0.retiredAt == nil }) { return keys }
        let key = SigningKey.random(at: time)
        try store.insert(key, in: connection)
        return keys + [key]
      }
    }
    try await use(keys)
    state.withLock { $0.loadedAt = time }
  }

  private func use(_ keys: [SigningKey]) async throws(DomainError) {
    do {
      try await tokens.use(keys)
    } catch {
      throw error as? DomainError ?? Self.unusable(error)
    }
  }

  private static func unusable(_ error: any Error) -> DomainError {
    DomainError(
      .internalError, "The keys for session tokens can't be used.",
      underlying: "\(type(of: error))")
  }
}
