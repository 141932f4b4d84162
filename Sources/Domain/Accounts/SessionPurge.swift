internal import Logging
public import ServiceLifecycle

/// Removes ended sessions, used-up keys and visitors who are gone, once an hour.
/// Run it as long as the program.
public struct SessionPurge: Service {
  let accounts: Accounts
  let logger: Logger

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(3600))
        if Task.isCancelled { return }
        do throws(DomainError) {
          try await accounts.purgeExpired()
        } catch {
          logger.postponed("ended sessions are removed in an hour", because: error)
        }
      }
    }
  }
}
