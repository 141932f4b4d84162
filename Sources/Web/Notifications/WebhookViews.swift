import Domain
import Foundation
import Templates

extension Webhook {
  /// Whom it goes to, without what may admit to it.
  var host: String { URLComponents(string: url)?.host ?? "" }
}

extension WebhookDraft {
  /// What a new form begins with: everything.
  static var standard: WebhookDraft {
    var draft = WebhookDraft()
    draft.events = Notice.Kind.allCases.map(\.rawValue)
    return draft
  }
}

/// The fields of a webhook.
struct WebhookFields: Sendable {
  struct Event: Sendable {
    let id: String
    let value: String
    let label: String
    let isOn: Bool
  }

  let name: Field
  let url: Field
  let format: SelectField
  let isPaused: CheckboxField
  let events: [Event]
  let eventsError: String?

  var areEventsBad: Bool { eventsError != nil }

  init(_ draft: WebhookDraft, errors: FormErrors?, allowsPlain: Bool) {
    name = Field(
      "name", label: "Name", value: draft.name, error: errors?["name"], autocomplete: "off",
      placeholder: "On-call chat", maximumLength: 60)
    url = Field(
      "url", label: "Address", value: draft.url, type: "url",
      hint: (allowsPlain ? "" : "With https. ") + "Only this project’s editors and owners see it.",
      error: errors?["url"], autocomplete: "off",
      placeholder: "https://hooks.example.org/babyhelm", maximumLength: 2_000)
    format = SelectField(
      "format", label: "Format",
      options: [
        "json": "JSON: signed events for a program",
        "chat": "Chat: a text for Slack, Mattermost and the like",
      ], selected: draft.format, error: errors?["format"])
    isPaused = CheckboxField(
      "isPaused", label: "Paused", isOn: draft.isPaused,
      hint: "Nothing is sent, and what happens meanwhile isn’t sent later.")
    events = Notice.Kind.allCases.enumerated().map { index, kind in
      Event(
        id: index == 0 ? Field.id(of: "events") : "event-\(kind.rawValue)", value: kind.rawValue,
        label: kind.label, isOn: draft.events.contains(kind.rawValue))
    }
    eventsError = errors?["events"]
  }
}

/// One webhook: what it is, and what was sent to it.
struct WebhookPage: Sendable {
  struct Row: Sendable {
    let sequence: Int
    let title: String
    let kind: String
    let id: String
    let badge: Badge
    let result: String
    let attempts: [String]
    let made: RelativeTime
    let next: RelativeTime?
    /// nil while it waits.
    let redelivery: Link?

    var hasAttempts: Bool { attempts.count > 1 }
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let name: String
  let badge: Badge
  let made: RelativeTime
  let maker: String
  let errors: FormErrors?
  /// Why BabyHelm paused it, or that something was left out.
  let warnings: [String]
  /// A secret that was just made.
  let secret: CodeBlock?
  /// Until when the old one signs too.
  let oldSecret: RelativeTime?
  let fields: WebhookFields
  let version: Int
  let action: Link
  let testAction: Link
  let secretAction: Link
  let deleteAction: Link
  let confirmation: Field
  let deliveries: [Row]
  let older: Link?

  var hasDeliveries: Bool { !deliveries.isEmpty }
}

extension WebhookPage {
  init(
    chrome: PageChrome, _ webhook: Webhook, in membership: ProjectMembership,
    _ found: [WebhookDelivery], draft: WebhookDraft?, typedName: String, version: Int,
    secret: String?, failure: DomainError?, allowsPlain: Bool, principal: Principal
  ) {
    self.chrome = chrome
    let project = membership.project.name
    name = webhook.name
    breadcrumb = Breadcrumb(
      [
        ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project)),
        ActionLink("Notifications", Paths.notifications(of: project)),
      ], current: webhook.name)
    tabs = ProjectTabs(.notifications, isWithin: true, of: membership, for: principal)
    badge = webhook.badge
    made = RelativeTime(webhook.createdAt)
    maker =
      webhook.createdByName.isEmpty
      ? "Made by somebody who is gone"
      : "Made by \(webhook.createdByName)"
        + (webhook.isMakerMember ? "" : ", who isn’t in this project any more")
    let errors = failure.map { FormErrors($0, fields: WebhookDraft.fields + ["confirmation"]) }
    self.errors = errors
    warnings = Self.warnings(about: webhook)
    self.secret = secret.map {
      CodeBlock(id: "secret", caption: "The secret of \(webhook.name)", text: $0)
    }
    oldSecret = webhook.oldSecretUntil.flatMap { $0 > Date() ? RelativeTime($0) : nil }
    fields = WebhookFields(
      draft ?? WebhookDraft(webhook), errors: draft == nil ? nil : errors,
      allowsPlain: allowsPlain)
    self.version = version
    action = Paths.webhook(webhook.id, in: project)
    testAction = Paths.webhook(.test, webhook.id, in: project)
    secretAction = Paths.webhook(.secret, webhook.id, in: project)
    deleteAction = Paths.webhook(.removal, webhook.id, in: project)
    confirmation = Field(
      "confirmation", label: "Type “\(webhook.name)” to confirm", value: typedName,
      error: errors?["confirmation"], autocomplete: "off")
    let shown = found.prefix(Webhooks.pageSize)
    deliveries = shown.map { Row($0, of: webhook, in: project) }
    older =
      found.count > shown.count
      ? shown.last.map { Paths.webhook(webhook.id, in: project, before: $0.sequence) } : nil
  }

  private static func warnings(about webhook: Webhook) -> [String] {
    var warnings: [String] = []
    if !webhook.pauseReason.isEmpty {
      warnings.append(
        "BabyHelm paused it. \(webhook.pauseReason) Mend that, and save it without “Paused”.")
    } else if let since = webhook.failingSince {
      warnings.append(
        "Nothing has been taken since \(RelativeTime(since).text). After three days it is paused.")
    }
    if webhook.leftOut > 0 {
      warnings.append(
        "\(webhook.leftOut) messages were left out, because \(Webhook.mostWaiting) were waiting.")
    }
    return warnings
  }
}

extension WebhookPage.Row {
  init(_ delivery: WebhookDelivery, of webhook: Webhook, in project: String) {
    sequence = delivery.sequence
    title = delivery.title
    kind = delivery.kind
    id = delivery.id
    badge = delivery.badge
    result = delivery.result
    attempts = delivery.attempts.map { attempt in
      let time = RelativeTime(attempt.at).full
      let answer = attempt.error.isEmpty ? "answered \(attempt.status ?? 200)" : attempt.error
      return "\(time): \(answer) (\(attempt.milliseconds) ms)"
    }
    made = RelativeTime(delivery.createdAt)
    next = delivery.dueAt.map { RelativeTime($0) }
    redelivery =
      delivery.state == .waiting || webhook.isPaused
      ? nil : Paths.redelivery(delivery.id, of: webhook.id, in: project)
  }
}
