internal import Foundation

/// Finds whom notices are told: each goes to the webhooks that want it and to
/// the people who chose it, in one transaction with the note that this is done.
struct NoticeFanOut: Sendable {
  /// How long what happens is collected before a message about alerts goes, in
  /// seconds.
  static let collecting: Double = 60
  /// How long an alert that goes on isn't told again, in seconds.
  static let silence: Double = 3600
  /// How many notices a message for a chat collects.
  static let mostCollected = 20
  /// How many notices are looked at in one transaction.
  private static let batch = 50

  let database: any Database
  let projects: Projects
  let sendsMail: Bool
  let now: @Sendable () -> Date
  private let notices = NoticeStore()
  private let webhooks = WebhookStore()
  private let deliveries = DeliveryStore()
  private let mails = MailStore()

  init(
    database: any Database, projects: Projects, sendsMail: Bool, now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.projects = projects
    self.sendsMail = sendsMail
    self.now = now
  }

  /// Finds whom the oldest notices are told that wait.
  ///
  /// - Returns: how many were looked at; fewer than a batch when none is left.
  /// - Throws: `unavailable`. Nothing is lost then.
  func proceed() async throws(DomainError) -> Int {
    let time = now()
    return try await database.writing { [self] connection in
      let waiting = try notices.waiting(limit: Self.batch, in: connection)
      for entry in waiting {
        try notices.setTold(entry.number, at: time, in: connection)
        if try isRepetition(entry, at: time, in: connection) {
          try notices.setRepeated(entry.number, in: connection)
          continue
        }
        try tellWebhooks(entry, at: time, in: connection)
        if sendsMail { try tellPeople(entry, at: time, in: connection) }
      }
      return waiting.count
    }
  }

  /// Whether it is about an alert that goes on, was told of lately, and got no
  /// worse since.
  private func isRepetition(
    _ entry: NoticeStore.Entry, at time: Date, in connection: any Connection
  ) throws -> Bool {
    let notice = entry.notice
    guard notice.kind == .alertBegan,
      let last = try notices.lastBegan(
        notice.subject, of: notice.projectID, before: entry.number, in: connection)
    else { return false }
    return time.timeIntervalSince(last.toldAt) < Self.silence
      && notice.severity.rank <= last.severity.rank
  }

  private func tellWebhooks(
    _ entry: NoticeStore.Entry, at time: Date, in connection: any Connection
  ) throws {
    let notice = entry.notice
    for webhook in try webhooks.webhooks(of: notice.projectID, in: connection)
    where !webhook.isPaused && webhook.events.contains(notice.kind) {
      let isCollected = webhook.format == .chat && notice.kind.isAlert
      if isCollected, try add(notice, to: webhook, at: time, in: connection) { continue }
      let waiting = try deliveries.waitingCount(of: webhook.id, in: connection)
      guard waiting < Webhook.mostWaiting else {
        try webhooks.countLeftOut(of: webhook.id, in: connection)
        continue
      }
      try deliveries.insert(
        id: entry.id, to: webhook.id,
        sequence: try webhooks.nextSequence(of: webhook.id, in: connection),
        kind: notice.kind.rawValue, notices: [notice],
        due: isCollected ? time.addingTimeInterval(Self.collecting) : time, at: time,
        in: connection)
    }
  }

  /// Adds an alert to the message that is being collected.
  private func add(
    _ notice: Notice, to webhook: Webhook, at time: Date, in connection: any Connection
  ) throws -> Bool {
    guard
      let (sequence, collected) = try deliveries.collecting(
        for: webhook.id, at: time, in: connection), collected.count < Self.mostCollected
    else { return false }
    try deliveries.setNotices(
      collected + [notice], of: webhook.id, sequence: sequence, in: connection)
    return true
  }

  private func tellPeople(
    _ entry: NoticeStore.Entry, at time: Date, in connection: any Connection
  ) throws {
    let notice = entry.notice
    let choices = try mails.choices(about: notice.projectID, in: connection)
    let due = notice.kind.isAlert ? time.addingTimeInterval(Self.collecting) : time
    for member in try projects.people(of: notice.projectID, in: connection)
    where !member.isSuspended && !member.isVisitor {
      let choice = choices[member.id] ?? MailChoice.standard(for: member.role)
      if choice.wants(notice) {
        try mails.add(entry, for: member.id, due: due, in: connection)
      }
    }
  }
}
