internal import CoreMetrics
internal import Foundation
internal import Logging

/// What the operator decides about notifications, and where pages are.
public struct NotificationSettings: Sendable {
  /// Networks that webhooks reach, however near, also by plain `http`; beside
  /// them only the internet, by `https`.
  public var webhookNetworks: [IPNetwork]
  /// nil without mails.
  public var mailServer: MailServer?
  /// Where a notice's page is, whole.
  public var link: @Sendable (Notice) -> String
  /// Where mails are stopped, whole, with what proves that somebody got one.
  public var unsubscribe: @Sendable (String) -> String

  public init(
    webhookNetworks: [IPNetwork] = [], mailServer: MailServer? = nil,
    link: @escaping @Sendable (Notice) -> String = { _ in "" },
    unsubscribe: @escaping @Sendable (String) -> String = { $0 }
  ) {
    self.webhookNetworks = webhookNetworks
    self.mailServer = mailServer
    self.link = link
    self.unsubscribe = unsubscribe
  }
}

/// Everything about notifications, made once.
struct NotificationServices: Sendable {
  let webhooks: Webhooks
  let mailings: Mailings
  let worker: NotificationWorker
  private let database: any Database

  /// - Parameter jitter: from 0 to 1, for tests.
  init(
    database: any Database, projects: Projects, seal: FormSeal, settings: NotificationSettings,
    metrics: any MetricsFactory = NOOPMetricsHandler.instance, logger: Logger,
    now: @escaping @Sendable () -> Date,
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
  ) {
    self.database = database
    var transport = OutboundTransport(
      addresses: OutboundAddresses(allowed: settings.webhookNetworks))
    transport.plainNetworks = settings.webhookNetworks
    // A receiver may say what it likes; how it went stands in the head.
    transport.cutsLongAnswers = true
    let sender = WebhookSender(
      transport: transport, payload: WebhookPayload(link: settings.link), seal: seal, now: now)
    webhooks = Webhooks(
      database: database, projects: projects, seal: seal, sender: sender,
      audit: AuditLog(database: database, now: now), now: now)
    mailings = Mailings(
      database: database, projects: projects, seal: seal,
      client: settings.mailServer.map { SMTPClient(server: $0) }, now: now)
    let meter = DeliveryMeter(factory: metrics)
    let name = UUID().uuidString.lowercased()
    worker = NotificationWorker(
      fanOut: NoticeFanOut(
        database: database, projects: projects, sendsMail: mailings.isPossible, now: now),
      courier: WebhookCourier(
        database: database, sender: sender, worker: name, meter: meter,
        logger: logger, now: now,
        jitter: jitter),
      mail: MailCourier(
        database: database, projects: projects, mailings: mailings,
        composer: MailComposer(link: settings.link, unsubscribe: settings.unsubscribe),
        worker: name, meter: meter, logger: logger, now: now, jitter: jitter),
      database: database, seal: seal, logger: logger, now: now)
  }

  /// How many messages and mails are still to be sent.
  ///
  /// - Throws: `unavailable`.
  func countWaiting() async throws(DomainError) -> Int {
    try await database.reading { connection in
      let counts = try connection.query(
        """
        SELECT (SELECT COUNT(*) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
            WHERE d.state = 'waiting' AND w.is_paused = 0)
          + (SELECT COUNT(*) FROM mails WHERE state = 'waiting') AS count
        """)
      return try counts.first?.get("count", as: Int.self) ?? 0
    }
  }
}
