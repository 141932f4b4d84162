import Foundation

/// Credentials from an exec plugin, kept until they expire. The plugin runs at
/// most once at a time, however many calls wait for it.
actor ExecCredentials: CredentialsProvider {
  private let plugin: ExecPlugin
  private let now: @Sendable () -> Date
  private var current: ExecPlugin.Output?
  private var running: Task<Result<ExecPlugin.Output, KubeconfigError>, Never>?

  /// New ones are fetched that long before the old ones expire, so that they
  /// don't expire on their way to the server.
  private static let margin: TimeInterval = 10

  init(plugin: ExecPlugin, now: @escaping @Sendable () -> Date = { Date() }) {
    self.plugin = plugin
    self.now = now
  }

  func credentials() async throws(KubeconfigError) -> Credentials {
    if let current, current.expiresAt.map({ $0 > now() + Self.margin }) ?? true {
      return current.credentials
    }
    let task =
      running
      ?? Task { [plugin] in
        do throws(KubeconfigError) {
          return .success(try await plugin.run())
        } catch {
          return .failure(error)
        }
      }
    running = task
    let result = await task.value
    if running == task { running = nil }
    let output = try result.get()
    current = output
    return output.credentials
  }

  func renew() -> Bool {
    current = nil
    return true
  }
}
