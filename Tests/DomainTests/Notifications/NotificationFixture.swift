import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

/// A time that only the test moves.
final class MovableClock: Sendable {
  private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

  var now: Date { time.withLock { $0 } }
  func move(by seconds: Double) { time.withLock { $0 += seconds } }
}

/// All about notifications over a database of its own, with Ann's project `shop`
/// and a clock that stands still.
struct NotificationFixture: Sendable {
  let base: DeployingFixture
  let project: Project
  let clock: MovableClock
  let services: NotificationServices

  var webhooks: Webhooks { services.webhooks }
  var mailings: Mailings { services.mailings }
  var ann: Principal { base.ann }

  static func services(
    _ base: DeployingFixture, _ clock: MovableClock, networks: [String] = ["127.0.0.0/8"],
    mailPort: Int? = nil
  ) -> NotificationServices {
    NotificationServices(
      database: base.database, projects: base.projects, seal: base.domain.accounts.formSeal,
      settings: NotificationSettings(
        webhookNetworks: networks.compactMap { IPNetwork($0) },
        mailServer: mailPort.map {
          MailServer(
            host: "127.0.0.1", port: $0, security: .none, sender: "babyhelm@example.org")
        },
        link: { "https://babyhelm.example/\($0.project)" },
        unsubscribe: { "https://babyhelm.example/unsubscribe?link=\($0)" }),
      logger: quietLogger, now: { clock.now }, jitter: { 0.5 })
  }

  /// Another replica.
  func replica(mailPort: Int? = nil) -> NotificationServices {
    Self.services(base, clock, mailPort: mailPort)
  }

  func record(_ notices: Notice...) async throws {
    try await base.database.write { connection in
      for notice in notices { try Notices().record(notice, in: connection) }
    }
  }

  func alert(
    _ kind: Notice.Kind = .alertBegan, _ subject: String = "a", occurrence: String = "1",
    severity: Notice.Severity = .critical, title: String = "web answers with errors"
  ) -> Notice {
    Notice(
      kind, projectID: project.id, project: project.name, application: "web", severity: severity,
      subject: subject, occurrence: occurrence, title: title, place: .alerts, time: clock.now)
  }

  func failure(_ number: Int) -> Notice {
    Notice(
      .releaseFailed, projectID: project.id, project: project.name, application: "web",
      release: number, severity: .warning, subject: "release-\(number)",
      title: "Release #\(number) of “web” failed", text: "It crashes.",
      place: .release(number, of: "web"), time: clock.now)
  }

  func webhook(
    _ url: String, name: String = "hook", format: Webhook.Format = .json,
    events: [Notice.Kind] = Notice.Kind.allCases
  ) async throws -> WebhookSecret {
    var draft = WebhookDraft()
    (draft.name, draft.url, draft.format) = (name, url, format.rawValue)
    draft.events = events.map(\.rawValue)
    return try await webhooks.create(draft, in: "shop", as: ann)
  }

  /// Finds whom all notices are told.
  func fanOut(_ services: NotificationServices? = nil) async throws {
    while try await (services ?? self.services).worker.fanOut.proceed() > 0 {}
  }

  /// Sends every message that is due; how many were tried.
  @discardableResult
  func deliver(_ services: NotificationServices? = nil) async throws -> Int {
    let courier = (services ?? self.services).worker.courier
    var count = 0
    while let held = try await courier.claim() {
      await courier.deliver(held)
      count += 1
    }
    return count
  }

  /// Sends every mail that is due.
  func sendMails(_ services: NotificationServices? = nil) async throws {
    while try await (services ?? self.services).worker.mail.proceed() > 0 {}
  }

  func delivery(_ webhook: WebhookSecret, _ index: Int = 0) async throws -> WebhookDelivery {
    let all = try await webhooks.deliveries(of: webhook.webhook.id, in: "shop", as: ann)
    return try #require(all.count > index ? all[index] : nil)
  }
}

func withNotifications(
  _ kind: TestDatabase, mailPort: Int? = nil, networks: [String] = ["127.0.0.0/8"],
  _ body: @Sendable (NotificationFixture) async throws -> Void
) async throws {
  try await withDeploying(kind, works: false) { base in
    let clock = MovableClock()
    let project = try await base.makeProject()
    try await body(
      NotificationFixture(
        base: base, project: project, clock: clock,
        services: NotificationFixture.services(
          base, clock, networks: networks, mailPort: mailPort)))
  }
}
