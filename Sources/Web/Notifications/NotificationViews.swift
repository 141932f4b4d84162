import Domain
import Templates

/// The form in which somebody chooses of what they get mails.
struct MailFields: Sendable {
  /// What the lists send for "as elsewhere".
  static let inherited = "inherited"

  let action: Link
  let alerts: SelectField
  let releases: SelectField
  /// Where the mails go, or why none come.
  let note: String

  /// - Parameters:
  ///   - inheriting: what the first choice of each list is called.
  ///   - typed: what was sent before, if that was refused.
  init(
    _ settings: MailSettings, action: Link, inheriting names: (alerts: String, releases: String),
    typed: FormBody? = nil
  ) {
    self.action = action
    let alert = settings.own?.alerts.rawValue ?? Self.inherited
    let release = settings.own?.releases.rawValue ?? Self.inherited
    alerts = Self.field(
      "alerts", "Alerts", MailChoice.AlertChoice.allCases.map { ($0.rawValue, $0.label) },
      names.alerts, typed?.string("alerts") ?? alert)
    releases = Self.field(
      "releases", "Releases", MailChoice.ReleaseChoice.allCases.map { ($0.rawValue, $0.label) },
      names.releases, typed?.string("releases") ?? release)
    note =
      settings.isPossible
      ? "Mails go to \(settings.address). Now: \(settings.effective.sentence)."
      : "This BabyHelm sends no mails: its operator hasn’t named a mail server. Your choice is kept."
  }

  private static func field(
    _ name: String, _ label: String, _ choices: [(String, String)], _ first: String,
    _ selected: String
  ) -> SelectField {
    SelectField(name, label: label, choices: [(inherited, first)] + choices, selected: selected)
  }
}

/// A project's webhooks, and of what in it the person gets mails.
struct NotificationsPage: Sendable {
  /// One webhook.
  struct Row: Sendable {
    let name: String
    let link: Link
    let badge: Badge
    let host: String
    let events: String
    let reason: String?
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let project: String
  let errors: FormErrors?
  let mails: MailFields
  let webhooks: [Row]
  let form: WebhookFields?
  let action: Link
  /// Why the person may not manage webhooks.
  let refusal: DisabledButton?

  var hasWebhooks: Bool { !webhooks.isEmpty }
  var mayManage: Bool { refusal == nil }
  /// Whether another one may be made.
  var hasRoom: Bool { form != nil }
}

extension NotificationsPage {
  init(
    chrome: PageChrome, _ membership: ProjectMembership, _ webhooks: [Webhook],
    _ settings: MailSettings, draft: WebhookDraft?, mailForm: FormBody?, failure: DomainError?,
    allowsPlain: Bool, principal: Principal
  ) {
    self.chrome = chrome
    let name = membership.project.name
    project = name
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(name, Paths.project(name))],
      current: "Notifications")
    tabs = ProjectTabs(.notifications, of: membership, for: principal)
    let errors = failure.map {
      FormErrors($0, fields: WebhookDraft.fields + MailChoiceDraft.fields)
    }
    self.errors = errors
    mails = MailFields(
      settings, action: Paths.projectMails(name),
      inheriting: ("as for all projects", "as for all projects"), typed: mailForm)
    self.webhooks = webhooks.map { Row($0, in: name) }
    let decision = membership.decision(.manageWebhooks, for: principal)
    refusal = decision.reason.map {
      DisabledButton(id: "why-webhook", label: "Add a webhook", reason: $0)
    }
    form =
      decision.isAllowed && webhooks.count < Webhook.most
      ? WebhookFields(
        draft ?? .standard, errors: draft == nil ? nil : errors, allowsPlain: allowsPlain) : nil
    action = Paths.webhooks(of: name)
  }
}

extension NotificationsPage.Row {
  init(_ webhook: Webhook, in project: String) {
    name = webhook.name
    link = Paths.webhook(webhook.id, in: project)
    badge = webhook.badge
    host = webhook.host
    events =
      webhook.events.count == Notice.Kind.allCases.count
      ? "everything"
      : "\(webhook.events.count) of \(Notice.Kind.allCases.count) events"
    reason = webhook.pauseReason.isEmpty ? nil : webhook.pauseReason
  }
}

/// Where somebody ends all mails with a link from one.
struct UnsubscribePage: Sendable {
  let chrome: PageChrome
  let link: String
}

/// Whether notifications work, for admins.
struct PlatformNotificationsPage: Sendable {
  struct WebhookRow: Sendable {
    let project: String
    let name: String
    let link: Link
    let badge: Badge
    let since: RelativeTime?
    let reason: String
  }

  struct MailRow: Sendable {
    let address: String
    let error: String
    let attempts: String
    let time: RelativeTime
    let next: RelativeTime?
  }

  let chrome: PageChrome
  let tabs: AdminTabs
  let errors: FormErrors?
  let server: String?
  let address: String
  let testAction = Paths.adminTestMail
  let webhooks: [WebhookRow]
  let mails: [MailRow]

  var hasServer: Bool { server != nil }
  var hasWebhooks: Bool { !webhooks.isEmpty }
  var hasMails: Bool { !mails.isEmpty }

  init(
    chrome: PageChrome, server: String?, _ failing: [FailingWebhook], _ failures: [FailedMail],
    failure: DomainError?, principal: Principal
  ) {
    self.chrome = chrome
    tabs = AdminTabs(.notifications)
    errors = failure.map { FormErrors($0) }
    self.server = server
    address = principal.email
    webhooks = failing.map {
      WebhookRow(
        project: $0.project, name: $0.webhook.name,
        link: Paths.webhook($0.webhook.id, in: $0.project), badge: $0.webhook.badge,
        since: $0.webhook.failingSince.map { RelativeTime($0) }, reason: $0.webhook.pauseReason)
    }
    mails = failures.map {
      MailRow(
        address: $0.address, error: $0.error,
        attempts: $0.attempts == 1 ? "once" : "\($0.attempts) times",
        time: RelativeTime($0.createdAt), next: $0.nextAt.map { RelativeTime($0) })
    }
  }
}
