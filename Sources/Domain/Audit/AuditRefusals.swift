internal import Foundation
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Notes what people tried and may not do. Run it as long as the program.
///
/// Equal attempts become one row a minute with their number, so that nobody
/// fills the log by being refused; rows come within seconds, outside of the
/// request. What was noted in the last seconds before a crash is lost.
public final class AuditRefusals: Service {
  /// How long equal attempts are gathered after the first, in seconds.
  static let window: Double = 60
  /// How many different attempts are gathered at most; beyond, they are counted
  /// together.
  static let capacity = 500

  private struct Key: Hashable {
    let actor: String
    let action: AuditAction
    let target: AuditTarget
  }

  private struct Attempt {
    var principal: Principal
    var reason: String
    var count: Int
  }

  private struct State {
    var attempts: [Key: Attempt] = [:]
    /// When a row of the key was written last.
    var written: [Key: Date] = [:]
  }

  private let audit: AuditLog
  private let logger: Logger
  private let state = Mutex(State())

  init(audit: AuditLog, logger: Logger) {
    self.audit = audit
    self.logger = logger
  }

  /// Notes that a principal was refused something.
  ///
  /// - Parameter error: of a service; what isn't about a permission is ignored.
  public func note(_ error: DomainError, project: String?, as principal: Principal) {
    guard let permission = error.permission else { return }
    note(
      .accessRefuse,
      AuditTarget(kind: "permission", name: permission.rawValue, project: project),
      reason: error.message, as: principal)
  }

  /// Notes a wrong password.
  ///
  /// - Parameter user: whose account it was tried at; nil when there is none of
  ///   the address that was typed, which may be a password typed too early and
  ///   isn't kept.
  func noteSignIn(at user: User?, from address: String) {
    let principal = Principal(
      userID: User.ID(rawValue: ""), name: "", email: "", role: .visitor, credential: .anonymous,
      address: address)
    note(
      .sessionSignIn, .user(user?.email ?? "no account"), reason: "The password was wrong.",
      as: principal)
  }

  private func note(
    _ action: AuditAction, _ target: AuditTarget, reason: String, as principal: Principal
  ) {
    var key = Key(
      actor: principal.userID.rawValue + principal.address, action: action, target: target)
    state.withLock { state in
      if state.attempts[key] == nil, state.attempts.count >= Self.capacity {
        key = Key(actor: "", action: action, target: AuditTarget(kind: "many", name: "attempts"))
      }
      state.attempts[key, default: Attempt(principal: principal, reason: reason, count: 0)]
        .count += 1
    }
  }

  /// Runs until it is cancelled or the program shuts down, and writes what is
  /// left then.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(2))
        await self.flush(at: self.audit.now())
      }
    }
    await flush(at: .distantFuture)
  }

  /// Writes a row of each attempt that wasn't written within the last minute.
  func flush(at time: Date) async {
    let due = state.withLock { state in
      state.written = state.written.filter { time.timeIntervalSince($0.value) < Self.window }
      let due = state.attempts.filter { state.written[$0.key] == nil }
      for key in due.keys {
        state.attempts[key] = nil
        state.written[key] = time
      }
      return due
    }
    for (key, attempt) in due {
      do throws(DomainError) {
        try await audit.recordRefusal(
          key.action, key.target, reason: attempt.reason, occurrences: attempt.count,
          as: attempt.principal)
      } catch {
        logger.warning(
          "a refused attempt isn't in the audit log",
          metadata: ["action": "\(key.action.rawValue)", "error": "\(error.message)"])
      }
    }
  }
}
