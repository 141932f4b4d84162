internal import Logging
public import ServiceLifecycle

/// Seals the hooks' secrets with the newest key, so that they can be opened
/// when an older one is gone. Run it as long as the program.
public struct HookSealing: Service {
  let hooks: DeployHooks

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await hooks.reseal()
        // A retired key is kept for days.
        try? await Task.sleep(for: .seconds(3600))
      }
    }
  }
}

extension DeployHooks {
  func reseal() async {
    do throws(DomainError) {
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
    } catch {
      logger.postponed("hooks' secrets are sealed anew in an hour", because: error)
    }
  }
}
