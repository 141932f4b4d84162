import Domain

extension WebhookDraft {
  /// What the form for a webhook sends.
  init(_ form: FormBody) {
    self.init()
    name = form.string("name")
    url = form.string("url")
    format = form.string("format")
    events = form.strings("events").map(FormBody.trimmed)
    isPaused = form.isOn("isPaused")
  }
}

/// What the form for mails sends.
struct MailForm: Sendable {
  let alerts: String
  let releases: String
  /// Whether to go by what counts elsewhere.
  let isInherited: Bool

  init(_ form: FormBody) {
    alerts = form.string("alerts")
    releases = form.string("releases")
    isInherited = alerts == MailFields.inherited || releases == MailFields.inherited
  }

  /// nil for what counts elsewhere.
  var draft: MailChoiceDraft? {
    isInherited ? nil : MailChoiceDraft(alerts: alerts, releases: releases)
  }
}
