import Domain

/// Webhooks and what was sent to them, as JSON.
enum WebhookResources {
  private static let formats = Webhook.Format.allCases.map(\.rawValue)
  private static let kinds = Notice.Kind.allCases.map(\.rawValue)

  static let webhook = Resource<Webhook>("Webhook", "An address that is told what happens.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "For its other calls.") {
      $0.id.rawValue
    }
    $0.text("name", "On-call", "Unique in the project.") { $0.name }
    $0.text("url", "https://hooks.example.org/babyhelm", "The address.") { $0.url }
    $0.text("format", "json", "What it gets.", among: formats) { $0.format.rawValue }
    $0.texts("events", "release.failed", "What it is told.") { webhook in
      Notice.Kind.allCases.filter(webhook.events.contains).map(\.rawValue)
    }
    $0.flag("isPaused", "Whether nothing is sent.") { $0.isPaused }
    $0.text("pauseReason", "", "Why BabyHelm paused it by itself; empty otherwise.") {
      $0.pauseReason
    }
    $0.maybeTime("failingSince", "Since when no message was taken; null while they are.") {
      $0.failingSince
    }
    $0.maybeTime("oldSecretUntil", "Until when the secret before signs too; null for none.") {
      $0.oldSecretUntil
    }
    $0.integer("sequence", 42, "The number of its last message.") { $0.sequence }
    $0.integer("leftOut", 0, "How many messages were left out, because too many waited.") {
      $0.leftOut
    }
    $0.text("createdBy", "Ann", "Who made it; empty when they are gone.") { $0.createdByName }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.time("updatedAt", "When it was changed last.") { $0.updatedAt }
  }

  static let made = Resource<WebhookSecret>("WebhookSecret", "A secret that was just made.") {
    $0.one("webhook", webhook, "The webhook.") { $0.webhook }
    $0.text("secret", "whsec_…", "What signs its messages. Told only now.") { $0.secret }
  }

  private static let attempt = Resource<WebhookDelivery.Attempt>(
    "DeliveryAttempt", "One request to a webhook."
  ) {
    $0.time("at", "When.") { $0.at }
    $0.maybeInteger("status", 200, "Of the answer; null without one.") { $0.status }
    $0.text("error", "", "What went wrong; empty when nothing did.") { $0.error }
    $0.integer("milliseconds", 87, "How long it took.") { $0.milliseconds }
  }

  static let delivery = Resource<WebhookDelivery>("WebhookDelivery", "A message to a webhook.") {
    $0.text("id", "msg_5d41402abc4b2a76b9719d911017c592", "`webhook-id`.") { $0.id }
    $0.integer("sequence", 42, "Its place among the webhook's messages.") { $0.sequence }
    $0.text("type", "release.failed", "What happened first.") { $0.kind }
    $0.text("title", "Release #7 of “web” failed", "What it is about.") { $0.title }
    $0.text(
      "state", "delivered", "How far it is.", among: WebhookDelivery.State.allCases.map(\.rawValue)
    ) { $0.state.rawValue }
    $0.each("attempts", attempt, "The last requests, the oldest first.") { $0.attempts }
    $0.maybeTime("nextAttemptAt", "When it is tried next; null when it isn't.") { $0.dueAt }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.maybeTime("finishedAt", "When it was taken or given up; null while it waits.") {
      $0.finishedAt
    }
  }

  static let wish = Schema.body("WebhookWish", "What a webhook is.") {
    $0.required("name", .text("On-call", length: 1...60), "Unique in the project.")
    $0.required(
      "url", .text("https://hooks.example.org/babyhelm", length: 1...2_000), "An https address.")
    $0.required("format", .text("json", among: formats), "Signed JSON, or a text for a chat.")
    $0.required(
      "events", .list(of: .text("release.failed", among: kinds), most: 50), "What it is told.")
    $0.optional("isPaused", .flag(), "Whether nothing is sent; false without.")
  }
}

extension WebhookDraft {
  init(_ body: JSON) {
    self.init()
    name = body["name"]?.string ?? ""
    url = body["url"]?.string ?? ""
    format = body["format"]?.string ?? ""
    events = body["events"]?.array?.compactMap(\.string) ?? []
    isPaused = body["isPaused"]?.bool ?? false
  }
}
