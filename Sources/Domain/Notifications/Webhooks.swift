internal import Foundation

/// The webhooks of projects: who may manage them makes, changes, tries and
/// removes them, and sees what was sent.
public struct Webhooks: Sendable {
  /// How many deliveries ``deliveries(of:in:before:limit:as:)`` gives.
  public static let pageSize = 20

  let database: any Database
  let projects: Projects
  let seal: FormSeal
  let sender: WebhookSender
  let audit: AuditLog
  let now: @Sendable () -> Date
  let store = WebhookStore()
  let deliveryStore = DeliveryStore()

  /// Whether a webhook's address may be plain `http`, in the networks that the
  /// operator allows.
  public var allowsPlain: Bool { sender.allowsPlain }

  /// The webhooks of a project, by name.
  ///
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func list(
    of project: String, as principal: Principal
  ) async throws(DomainError) -> [Webhook] {
    try await database.reading { [self] connection in
      try store.webhooks(of: id(of: project, as: principal, in: connection), in: connection)
    }
  }

  /// One webhook.
  ///
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func webhook(
    _ id: Webhook.ID, of project: String, as principal: Principal
  ) async throws(DomainError) -> Webhook {
    try await database.reading { [self] connection in
      try find(id, of: project, as: principal, in: connection)
    }
  }

  /// Makes a webhook. Its secret is told this once.
  ///
  /// - Throws: `invalid` with fields (also for a name that is taken), `conflict`
  ///   when the project has as many as it may, `forbidden`, `notFound`,
  ///   `unavailable`.
  public func create(
    _ draft: WebhookDraft, in project: String, as principal: Principal
  ) async throws(DomainError) -> WebhookSecret {
    // Who may not do it learns that, not what is wrong with their form.
    _ = try await projects.project(named: project, for: .manageWebhooks, as: principal)
    let checked = try draft.validated(allowsPlain: allowsPlain)
    let (id, secret, time) = (Webhook.ID.random(), WebhookSignature.newSecret(), now())
    let sealed = try await seal.seal(secret, for: Self.context(id))
    let webhook = try await database.writing { [self] connection in
      let owner = try self.id(of: project, as: principal, in: connection)
      guard try store.webhooks(of: owner, in: connection).count < Webhook.most else {
        throw DomainError(
          .conflict, "“\(project)” has \(Webhook.most) webhooks, as many as a project may have.",
          advice: "Delete one that nobody needs any more.")
      }
      try Self.unlessTaken(checked.name) {
        try store.insert(
          id, checked, of: owner, secret: sealed, by: principal.userID, at: time, in: connection)
      }
      let made = try find(id, of: project, as: principal, in: connection)
      try record(.webhookCreate, made, in: project, Self.changes(checked), principal, connection)
      return made
    }
    return WebhookSecret(webhook: webhook, secret: secret)
  }

  /// Changes a webhook. One that was paused because it didn't work gets a new
  /// chance.
  ///
  /// - Parameter version: of the webhook that the person saw.
  /// - Throws: as ``create(_:in:as:)``; `conflict` when somebody else changed it
  ///   meanwhile.
  public func change(
    _ id: Webhook.ID, to draft: WebhookDraft, from version: Int, in project: String,
    as principal: Principal
  ) async throws(DomainError) -> Webhook {
    _ = try await projects.project(named: project, for: .manageWebhooks, as: principal)
    let checked = try draft.validated(allowsPlain: allowsPlain)
    let time = now()
    return try await database.writing { [self] connection in
      let before = try find(id, of: project, as: principal, in: connection)
      let isDone = try Self.unlessTaken(checked.name) {
        try store.update(id, to: checked, from: version, at: time, in: connection)
      }
      guard isDone else {
        throw DomainError(
          .conflict, "The webhook “\(before.name)” was changed while you did.",
          advice: "Look at what it is now, and change it again if yours should count.")
      }
      try record(
        .webhookChange, before, in: project, Self.changes(checked, from: before), principal,
        connection)
      return try find(id, of: project, as: principal, in: connection)
    }
  }

  /// Gives a webhook another secret, which is told this once. The old one signs
  /// too for a day, so that the receiver can be changed meanwhile.
  ///
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func rotateSecret(
    of id: Webhook.ID, in project: String, as principal: Principal
  ) async throws(DomainError) -> WebhookSecret {
    let (secret, time) = (WebhookSignature.newSecret(), now())
    let sealed = try await seal.seal(secret, for: Self.context(id))
    let webhook = try await database.writing { [self] connection in
      let found = try find(id, of: project, as: principal, in: connection)
      try store.setSecret(
        sealed, of: id, oldUntil: time.addingTimeInterval(Webhook.oldSecretLifetime), at: time,
        in: connection)
      try record(.webhookSecretRotate, found, in: project, [], principal, connection)
      return try find(id, of: project, as: principal, in: connection)
    }
    return WebhookSecret(webhook: webhook, secret: secret)
  }

  /// Removes a webhook with all that waits for it.
  ///
  /// - Parameter version: of the webhook that the person saw; nil for any.
  /// - Throws: `conflict`, `forbidden`, `notFound`, `unavailable`.
  public func delete(
    _ id: Webhook.ID, in project: String, as principal: Principal
  ) async throws(DomainError) {
    try await database.writing { [self] connection in
      let found = try find(id, of: project, as: principal, in: connection)
      try store.delete(id, in: connection)
      try record(.webhookDelete, found, in: project, [], principal, connection)
    }
  }

  // MARK: What was sent

  /// What was sent to a webhook and what waits for it, the newest first.
  ///
  /// - Parameter sequence: of the last one seen; nil for the newest.
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func deliveries(
    of id: Webhook.ID, in project: String, before sequence: Int? = nil, limit: Int = pageSize,
    as principal: Principal
  ) async throws(DomainError) -> [WebhookDelivery] {
    try await database.reading { [self] connection in
      _ = try find(id, of: project, as: principal, in: connection)
      return try deliveryStore.page(
        of: id, before: sequence ?? .max, limit: limit, in: connection)
    }
  }

  /// Sends a message now, to try a webhook, also one that is paused.
  ///
  /// - Returns: how that went.
  /// - Throws: `tooManyRequests`, `forbidden`, `notFound`, `unavailable`.
  public func test(
    _ id: Webhook.ID, in project: String, as principal: Principal
  ) async throws(DomainError) -> WebhookDelivery {
    let time = now()
    let (target, sequence) = try await database.writing { [self] connection in
      _ = try find(id, of: project, as: principal, in: connection)
      guard try store.countRequest(to: id, at: time, in: connection) else {
        throw DomainError(
          .tooManyRequests, "This webhook got \(Webhook.mostInMinute) requests within a minute.",
          advice: "Try again in a minute.", retryAfter: .seconds(60))
      }
      guard let target = try store.target(id, at: time, in: connection) else {
        throw Self.unknown()
      }
      return (target, try store.nextSequence(of: id, in: connection))
    }
    let message = "msg_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
    let outcome = await sender.send(
      [], kind: WebhookPayload.testKind, id: message, sequence: sequence, to: target)
    let state: WebhookDelivery.State = outcome.isGood ? .delivered : .failed
    return try await database.writing { [self] connection in
      _ = try find(id, of: project, as: principal, in: connection)
      try deliveryStore.insert(
        id: message, to: id, sequence: sequence, kind: WebhookPayload.testKind, notices: [],
        state: state, attempts: [outcome.attempt], due: nil, at: time, in: connection)
      if outcome.isGood, target.failingSince != nil {
        try store.setFailing(since: nil, id, in: connection)
      }
      guard let delivery = try deliveryStore.delivery(message, of: id, in: connection) else {
        throw Self.unknown()
      }
      return delivery
    }
  }

  /// Sends a message again that was delivered or failed.
  ///
  /// - Throws: `conflict` while it waits anyway or the webhook is paused;
  ///   `notFound` when it is kept no more; `forbidden`, `unavailable`.
  public func redeliver(
    _ delivery: String, of id: Webhook.ID, in project: String, as principal: Principal
  ) async throws(DomainError) -> WebhookDelivery {
    let time = now()
    return try await database.writing { [self] connection in
      let webhook = try find(id, of: project, as: principal, in: connection)
      guard try deliveryStore.delivery(delivery, of: id, in: connection) != nil else {
        throw DomainError(
          .notFound, "There is no such delivery of “\(webhook.name)” any more.",
          advice: "The last \(DeliveryStore.kept) are kept.")
      }
      guard !webhook.isPaused else {
        throw DomainError(
          .conflict, "“\(webhook.name)” is paused, so nothing is sent to it.",
          advice: "Enable it first.")
      }
      guard try deliveryStore.redeliver(delivery, of: id, at: time, in: connection),
        let found = try deliveryStore.delivery(delivery, of: id, in: connection)
      else {
        throw DomainError(
          .conflict, "This message is on its way already.", advice: "Look again in a moment.")
      }
      return found
    }
  }

  /// Webhooks of all projects that don't work, for admins; at most 100.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func failing(
    as principal: Principal
  ) async throws(DomainError) -> [FailingWebhook] {
    try AccessTable.require(.changeSettings, of: principal)
    return try await database.reading { [store] connection in
      try store.failing(limit: 100, in: connection).map {
        FailingWebhook(webhook: $0.webhook, project: $0.project)
      }
    }
  }

  /// Where alone a secret can be unsealed.
  static func context(_ id: Webhook.ID) -> String { "webhook \(id)" }

  // MARK: Within a transaction

  private func id(
    of project: String, as principal: Principal, in connection: any Connection
  ) throws -> Project.ID {
    try projects.project(
      named: project, for: .manageWebhooks, as: principal, in: connection
    ).project.id
  }

  private func find(
    _ id: Webhook.ID, of project: String, as principal: Principal, in connection: any Connection
  ) throws -> Webhook {
    let owner = try self.id(of: project, as: principal, in: connection)
    guard let found = try store.webhook(id, of: owner, in: connection) else {
      throw Self.unknown()
    }
    return found
  }

  private func record(
    _ action: AuditAction, _ webhook: Webhook, in project: String, _ changes: [AuditChange],
    _ principal: Principal, _ connection: any Connection
  ) throws {
    try audit.record(
      action, AuditTarget(kind: "webhook", name: webhook.name, project: project), changes,
      as: principal, in: connection)
  }

  /// Of an address only the host: the rest may be what admits to it.
  private static func changes(
    _ draft: WebhookDraft.Checked, from before: Webhook? = nil
  ) -> [AuditChange] {
    let list = [
      AuditChange("name", from: before?.name, to: draft.name),
      AuditChange("host", from: before.flatMap { host($0.url) }, to: host(draft.url)),
      AuditChange("format", from: before?.format.rawValue, to: draft.format.rawValue),
      AuditChange("events", from: before.map { text($0.events) }, to: text(draft.events)),
      AuditChange("paused", from: before.map { "\($0.isPaused)" }, to: "\(draft.isPaused)"),
    ]
    return list.filter { $0.before != $0.after }
  }

  private static func host(_ url: String) -> String? { URLComponents(string: url)?.host }

  private static func text(_ events: Set<Notice.Kind>) -> String {
    events.map(\.rawValue).sorted().joined(separator: ", ")
  }

  private static func unknown() -> DomainError {
    DomainError(
      .notFound, "There is no such webhook in this project.",
      advice: "The project's notifications page lists them.")
  }

  private static func unlessTaken<T>(_ name: String, _ work: () throws -> T) throws -> T {
    do {
      return try work()
    } catch StorageError.uniqueViolation {
      throw DomainError.invalid([
        FieldError("name", "This project has a webhook “\(name)” already; choose another name.")
      ])
    }
  }
}

/// A webhook that doesn't work, as admins see it: without its address.
public struct FailingWebhook: Sendable {
  public let webhook: Webhook
  /// The project's name.
  public let project: String
}
