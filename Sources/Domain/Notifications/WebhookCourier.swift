internal import Foundation
internal import Logging

/// Takes messages to webhooks one by one, sends them, and records how that went.
struct WebhookCourier: Sendable {
  /// How long a worker holds a message, in seconds: longer than sending takes.
  static let leaseSeconds: Double = 30

  let database: any Database
  let sender: WebhookSender
  /// Names this process among all replicas.
  let worker: String
  let meter: DeliveryMeter
  let logger: Logger
  let now: @Sendable () -> Date
  /// From 0 to 1.
  let jitter: @Sendable () -> Double
  private let store = WebhookStore()
  private let deliveries = DeliveryStore()

  init(
    database: any Database, sender: WebhookSender, worker: String,
    meter: DeliveryMeter, logger: Logger,
    now: @escaping @Sendable () -> Date, jitter: @escaping @Sendable () -> Double
  ) {
    self.database = database
    self.sender = sender
    self.worker = worker
    self.meter = meter
    self.logger = logger
    self.now = now
    self.jitter = jitter
  }

  /// Takes a message that is due; nil when there is none.
  func claim() async throws(DomainError) -> DeliveryStore.Held? {
    let time = now()
    let until = time.addingTimeInterval(Self.leaseSeconds)
    return try await database.writing { [deliveries, worker] connection in
      try deliveries.claim(for: worker, at: time, until: until, in: connection)
    }
  }

  /// Sends a message and records how that went. One that the end of the program
  /// broke off is given back.
  func deliver(_ held: DeliveryStore.Held) async {
    do throws(DomainError) {
      let time = now()
      let target = try await database.reading { [store] connection in
        try store.target(held.webhook, at: time, in: connection)
      }
      guard let target else { return }
      let outcome = await sender.send(
        held.notices, kind: held.kind, id: held.id, sequence: held.sequence, to: target)
      if Task.isCancelled, !outcome.isGood {
        // Its own task, since this one's calls are refused by now.
        return await Task { await giveBack(held) }.value
      }
      meter.count(.webhook, isDelivered: outcome.isGood)
      await Task { await record(outcome, of: held, target) }.value
    } catch {
      // The lease ends by itself, and it is sent again.
      logger.postponed("a message to a webhook is sent later", because: error)
    }
  }

  private func giveBack(_ held: DeliveryStore.Held) async {
    _ = try? await database.writing { [deliveries, worker] connection in
      try deliveries.release(held, from: worker, in: connection)
    }
  }

  private func record(
    _ outcome: WebhookSender.Outcome, of held: DeliveryStore.Held, _ target: WebhookStore.Target
  ) async {
    let time = now()
    let pause = RetrySchedule.pause(
      after: held.tries + 1, wish: outcome.retryAfter, jitter: jitter())
    do throws(DomainError) {
      try await database.writing { [self] connection in
        let due = outcome.isGood ? nil : pause.map { time.addingTimeInterval($0) }
        let isRecorded = try deliveries.record(
          outcome.attempt, of: held, by: worker,
          state: outcome.isGood ? .delivered : due == nil ? .failed : .waiting, due: due, at: time,
          in: connection)
        guard isRecorded else { return }
        try judge(outcome, target, at: time, in: connection)
      }
    } catch {
      logger.warning(
        "how a message to a webhook went can't be recorded, so it is sent again",
        metadata: ["webhook": "\(held.webhook)", "error": "\(error.underlying ?? error.message)"])
    }
  }

  /// What an outcome means for the webhook.
  private func judge(
    _ outcome: WebhookSender.Outcome, _ target: WebhookStore.Target, at time: Date,
    in connection: any Connection
  ) throws {
    if outcome.isGood {
      if target.failingSince != nil { try store.setFailing(since: nil, target.id, in: connection) }
    } else if outcome.isGone {
      try store.pause(target.id, because: outcome.attempt.error, in: connection)
    } else if let since = target.failingSince {
      guard time.timeIntervalSince(since) >= Webhook.patience else { return }
      try store.pause(
        target.id,
        because: "No message was taken for three days. The last time: \(outcome.attempt.error)",
        in: connection)
    } else {
      try store.setFailing(since: time, target.id, in: connection)
    }
  }
}
