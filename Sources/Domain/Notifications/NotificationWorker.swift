internal import Foundation
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Tells people and webhooks what happened. Run it as long as the program; of
/// several replicas each takes what no other has taken.
public final class NotificationWorker: Service {
  /// How many messages to webhooks one process sends at the same time.
  static let parallelDeliveries = 32
  /// How long what was told is kept, in seconds: a fortnight.
  static let keptFor: Double = 14 * 24 * 3600

  private struct State {
    var deliveries = 0
    var isMailing = false
    var tidiedAt: Date?
  }

  let fanOut: NoticeFanOut
  let courier: WebhookCourier
  let mail: MailCourier
  private let database: any Database
  private let seal: FormSeal
  private let logger: Logger
  private let now: @Sendable () -> Date
  private let state = Mutex(State())

  init(
    fanOut: NoticeFanOut, courier: WebhookCourier, mail: MailCourier, database: any Database,
    seal: FormSeal, logger: Logger, now: @escaping @Sendable () -> Date
  ) {
    self.fanOut = fanOut
    self.courier = courier
    self.mail = mail
    self.database = database
    self.seal = seal
    self.logger = logger
    self.now = now
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        while !Task.isCancelled {
          await self.look(in: &group)
          try? await Task.sleep(for: .milliseconds(500))
        }
        group.cancelAll()
      }
    }
  }

  /// Does what is due, or begins it.
  private func look(in group: inout DiscardingTaskGroup) async {
    do throws(DomainError) {
      try await tidyIfDue()
      let due = try await due()
      if due.notices { while try await fanOut.proceed() > 0 {} }
      if due.deliveries || due.notices {
        while state.withLock({ $0.deliveries < Self.parallelDeliveries }),
          let held = try await courier.claim()
        {
          state.withLock { $0.deliveries += 1 }
          group.addTask {
            await self.courier.deliver(held)
            self.state.withLock { $0.deliveries -= 1 }
          }
        }
      }
      if due.mails, state.withLock({ !$0.isMailing }) {
        state.withLock { $0.isMailing = true }
        group.addTask {
          await self.sendMails()
          self.state.withLock { $0.isMailing = false }
        }
      }
    } catch {
      if Task.isCancelled { return }
      logger.warning(
        "notifications wait", metadata: ["error": "\(error.underlying ?? error.message)"])
    }
  }

  /// One read, since most looks find nothing.
  private func due() async throws(DomainError) -> (notices: Bool, deliveries: Bool, mails: Bool) {
    let time = now()
    let sendsMail = mail.mailings.isPossible
    return try await database.reading { connection in
      (
        notices: try NoticeStore().hasWaiting(in: connection),
        deliveries: try DeliveryStore().hasDue(at: time, in: connection),
        mails: sendsMail ? try MailStore().hasDue(at: time, in: connection) : false
      )
    }
  }

  private func sendMails() async {
    do throws(DomainError) {
      try await mail.proceed()
    } catch {
      if Task.isCancelled { return }
      logger.warning("mails wait", metadata: ["error": "\(error.underlying ?? error.message)"])
    }
  }

  /// Once an hour: what is old goes, and secrets are sealed with the newest key,
  /// before the key goes that sealed them.
  private func tidyIfDue() async throws(DomainError) {
    let time = now()
    let isDue = state.withLock { state in
      if let last = state.tidiedAt, time.timeIntervalSince(last) < 3600 { return false }
      state.tidiedAt = time
      return true
    }
    if isDue { try await tidy(at: time) }
  }

  func tidy(at time: Date) async throws(DomainError) {
    let oldest = time.addingTimeInterval(-Self.keptFor)
    try await database.writing { connection in
      try DeliveryStore().purge(before: oldest, in: connection)
      try MailStore().purge(before: oldest, in: connection)
      try NoticeStore().purge(before: oldest, in: connection)
    }
    try await reseal()
  }

  private func reseal() async throws(DomainError) {
    let prefix = try await seal.newestPrefix()
    let old = try await database.reading { connection in
      try WebhookStore().sealed(withoutKey: prefix + "%", limit: 10_000, in: connection)
    }
    for (id, sealed) in old {
      let context = Webhooks.context(id)
      guard let secret = try await seal.open(sealed, for: context, lifetime: .infinity) else {
        continue
      }
      let anew = try await seal.seal(secret, for: context)
      try await database.writing { connection in
        try WebhookStore().reseal(id, from: sealed, to: anew, in: connection)
      }
    }
  }
}
