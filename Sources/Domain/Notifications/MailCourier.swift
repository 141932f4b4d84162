internal import Foundation
internal import Logging

/// Makes mails of the notices that wait for people, and hands them to the mail
/// server, a batch on one connection.
struct MailCourier: Sendable {
  /// How long a worker holds mails, in seconds: longer than it sends, and than
  /// the slowest server takes for the last one.
  static let leaseSeconds: Double = 300
  /// How many mails go over one connection.
  static let batch = 20

  let database: any Database
  let projects: Projects
  let mailings: Mailings
  let composer: MailComposer
  let worker: String
  let meter: DeliveryMeter
  let logger: Logger
  let now: @Sendable () -> Date
  let jitter: @Sendable () -> Double
  /// For how long mails are begun: longer than the slowest greeting, so that each
  /// batch has a first one, and a mail shorter than the lease.
  var patience: Duration = .seconds(200)
  private let store = MailStore()

  init(
    database: any Database, projects: Projects, mailings: Mailings, composer: MailComposer,
    worker: String, meter: DeliveryMeter, logger: Logger, now: @escaping @Sendable () -> Date,
    jitter: @escaping @Sendable () -> Double
  ) {
    self.database = database
    self.projects = projects
    self.mailings = mailings
    self.composer = composer
    self.worker = worker
    self.meter = meter
    self.logger = logger
    self.now = now
    self.jitter = jitter
  }

  /// Makes mails of what is due, and sends what is due.
  ///
  /// - Returns: how many mails were tried.
  /// - Throws: `unavailable`. What wasn't done is done later.
  @discardableResult
  func proceed() async throws(DomainError) -> Int {
    guard let client = mailings.client else { return 0 }
    try await compose()
    let time = now()
    let end = ContinuousClock.now + patience
    let until = time.addingTimeInterval(Self.leaseSeconds)
    let held = try await database.writing { [store, worker] connection in
      try store.claim(for: worker, limit: Self.batch, at: time, until: until, in: connection)
    }
    if held.isEmpty { return 0 }
    var letters: [(mail: MailStore.Held, message: MailMessage)] = []
    for mail in held {
      if let message = try await message(for: mail) {
        letters.append((mail, message))
      } else {
        await record(.dropped, of: mail)
      }
    }
    if letters.isEmpty { return 0 }
    return await send(letters, over: client, until: end)
  }

  /// Sends what it can until a time, and records each mail when its reply comes:
  /// whatever happens then, it isn't sent again.
  private func send(
    _ letters: [(mail: MailStore.Held, message: MailMessage)], over client: SMTPClient,
    until end: ContinuousClock.Instant
  ) async -> Int {
    var tried = 0
    await client.send(letters.map(\.message), until: end) { index, failure in
      tried += 1
      let isCutShort = Task.isCancelled
      if failure == nil || !isCutShort { meter.count(.email, isDelivered: failure == nil) }
      let mail = letters[index].mail
      await record(self.end(of: mail, failure, isCutShort: isCutShort), of: mail)
    }
    for letter in letters.dropFirst(tried) { await record(.givenBack, of: letter.mail) }
    return tried
  }

  /// One mail a project, unless somebody got many: then one about everything.
  private func compose() async throws(DomainError) {
    let time = now()
    try await database.writing { [store] connection in
      for user in try store.peopleDue(at: time, limit: Self.batch, in: connection) {
        let hourAgo = time.addingTimeInterval(-3600)
        let made = try store.times(of: user, since: hourAgo, in: connection)
        if made.count >= Mailings.mostInHour, let oldest = made.first {
          try store.hold(user, until: oldest.addingTimeInterval(3600), in: connection)
          continue
        }
        let items = try store.items(of: user, in: connection)
        let due = items.filter { $0.due <= time }
        if due.contains(where: \.isHeld) {
          try store.insert(items.map(\.notice), to: user, at: time, in: connection)
          try store.remove(items, of: user, in: connection)
          continue
        }
        // What is still being collected for the same project goes along.
        guard let project = due.first?.project else { continue }
        let together = items.filter { $0.project == project }
        try store.insert(together.map(\.notice), to: user, at: time, in: connection)
        try store.remove(together, of: user, in: connection)
      }
    }
  }

  /// The mail, about what the person may still read; nil when that is nothing.
  private func message(for mail: MailStore.Held) async throws(DomainError) -> MailMessage? {
    let projects = projects
    let found = try await database.reading { connection -> (String, [Notice])? in
      var address: String?
      let readable = try mail.notices.filter { notice in
        let people = try projects.people(of: notice.projectID, in: connection)
        guard
          let member = people.first(where: { $0.id == mail.user }), !member.isSuspended,
          !member.isVisitor
        else { return false }
        address = member.email
        return true
      }
      return address.map { ($0, readable) }
    }
    guard let (address, notices) = found else { return nil }
    // Of what is only counted nobody knows any more whether it may be read.
    let more = notices.count == mail.notices.count ? mail.more : 0
    return composer.message(
      id: mail.id, to: address, about: notices, more: more,
      token: try await mailings.token(for: mail.user), at: mail.createdAt)
  }

  private func end(
    of mail: MailStore.Held, _ failure: MailFailure?, isCutShort: Bool
  ) -> MailStore.End {
    guard let failure else { return .sent }
    if isCutShort { return .givenBack }
    guard failure.mayPass,
      let pause = RetrySchedule.pause(after: mail.attempts + 1, wish: nil, jitter: jitter())
    else { return .failed(failure.sentence) }
    return .again(at: now().addingTimeInterval(pause), failure.sentence)
  }

  private func record(_ end: MailStore.End, of mail: MailStore.Held) async {
    let time = now()
    // Its own task: what was sent is noted also while the program ends.
    let work = Task { [database, store, worker] in
      try await database.write { connection in
        try store.record(end, of: mail, by: worker, at: time, in: connection)
      }
    }
    do {
      try await work.value
    } catch {
      logger.warning("how a mail went can't be recorded, so it is sent again")
    }
  }
}
