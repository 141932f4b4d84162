extension DeployHooks {
  /// Seals the hooks' secrets with the newest key, so that they can be opened
  /// when an older one is gone.
  ///
  /// - Throws: `unavailable`.
  func reseal() async throws(DomainError) {
    let seals = try await database.reading { [store] connection in
      try store.seals(in: connection)
    }
    for (id, old) in seals where !(try await seal.isNewest(old)) {
      guard let secret = try await seal.open(old, for: Self.context(id), lifetime: .infinity)
      else { continue }
      let new = try await seal.seal(secret, for: Self.context(id))
      try await database.writing { [store] connection in
        try store.reseal(id, from: old, to: new, in: connection)
      }
    }
  }
}
