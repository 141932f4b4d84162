import Domain
import HTTPTypes

/// Webhooks for programs.
struct WebhookAPI: Sendable {
  let webhooks: Webhooks

  private static let all = "/projects/{project}/webhooks"
  private static let one = "\(all)/{webhook}"

  var routes: [APIRoute] { managing + delivering }

  private var managing: [APIRoute] {
    [
      APIRoute(
        .get, Self.all, "listWebhooks", .notifications, "A project's webhooks, by name",
        asks: .permission(.manageWebhooks), query: APIParameter.paging,
        .ok(WebhookResources.webhook.page), use: list),
      APIRoute(
        .post, Self.all, "createWebhook", .notifications, "Make a webhook",
        about: "The secret is told only in this answer. A project has at most \(Webhook.most).",
        asks: .permission(.manageWebhooks), body: WebhookResources.wish,
        .created(WebhookResources.made.schema).editable.located, isRepeatable: true, use: create),
      APIRoute(
        .get, Self.one, "getWebhook", .notifications, "One webhook",
        asks: .permission(.manageWebhooks), .ok(WebhookResources.webhook.schema).editable,
        use: get),
      APIRoute(
        .put, Self.one, "putWebhook", .notifications, "Change a webhook",
        about: "One that was paused because it didn't work gets a new chance. The secret stays.",
        asks: .permission(.manageWebhooks), body: WebhookResources.wish,
        .ok(WebhookResources.webhook.schema).editable, isEditing: true, use: put),
      APIRoute(
        .delete, Self.one, "deleteWebhook", .notifications, "Remove a webhook",
        asks: .permission(.manageWebhooks), .empty(), isEditing: true, use: delete),
      APIRoute(
        .post, "\(Self.one)/secret", "rotateWebhookSecret", .notifications,
        "Make another secret",
        about: "It is told only in this answer. The old one signs too for a day.",
        asks: .permission(.manageWebhooks), .created(WebhookResources.made.schema).editable,
        isRepeatable: true, use: rotate),
    ]
  }

  private var delivering: [APIRoute] {
    [
      APIRoute(
        .post, "\(Self.one)/test", "testWebhook", .notifications, "Send a message now, to try it",
        about: "Answers with how that went, after ten seconds at most.",
        asks: .permission(.manageWebhooks), .ok(WebhookResources.delivery.schema), use: test),
      APIRoute(
        .get, "\(Self.one)/deliveries", "listWebhookDeliveries", .notifications,
        "What was sent and what waits, the newest first", asks: .permission(.manageWebhooks),
        query: APIParameter.paging, .ok(WebhookResources.delivery.page), use: deliveries),
      APIRoute(
        .post, "\(Self.one)/deliveries/{delivery}/redelivery", "redeliver", .notifications,
        "Send a message again", asks: .permission(.manageWebhooks),
        .ok(WebhookResources.delivery.schema), use: redeliver),
    ]
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    try call.page(
      slicing: try await webhooks.list(of: try call.name("project"), as: call.principal),
      WebhookResources.webhook)
  }

  @Sendable func create(_ call: APICall) async throws -> APIAnswer {
    let project = try call.name("project")
    let made = try await webhooks.create(
      WebhookDraft(call.body), in: project, as: call.principal)
    return .created(
      WebhookResources.made.json(made),
      at: APICall.path("projects", project, "webhooks", made.webhook.id.rawValue),
      etag: made.webhook.etag)
  }

  @Sendable func get(_ call: APICall) async throws -> APIAnswer {
    let webhook = try await found(call)
    return .ok(WebhookResources.webhook.json(webhook), etag: webhook.etag)
  }

  @Sendable func put(_ call: APICall) async throws -> APIAnswer {
    let before = try await found(call)
    try call.requireMatch(before.etag)
    let webhook = try await webhooks.change(
      before.id, to: WebhookDraft(call.body), from: before.version, in: try call.name("project"),
      as: call.principal)
    return .ok(WebhookResources.webhook.json(webhook), etag: webhook.etag)
  }

  @Sendable func delete(_ call: APICall) async throws -> APIAnswer {
    let webhook = try await found(call)
    try call.requireMatch(webhook.etag)
    try await webhooks.delete(webhook.id, in: try call.name("project"), as: call.principal)
    return .empty
  }

  @Sendable func rotate(_ call: APICall) async throws -> APIAnswer {
    let made = try await webhooks.rotateSecret(
      of: try id(call), in: try call.name("project"), as: call.principal)
    return .created(WebhookResources.made.json(made), etag: made.webhook.etag)
  }

  @Sendable func test(_ call: APICall) async throws -> APIAnswer {
    let delivery = try await webhooks.test(
      try id(call), in: try call.name("project"), as: call.principal)
    return .ok(WebhookResources.delivery.json(delivery))
  }

  @Sendable func deliveries(_ call: APICall) async throws -> APIAnswer {
    let found = try await webhooks.deliveries(
      of: try id(call), in: try call.name("project"), before: try call.numericCursor(),
      limit: call.limit + 1, as: call.principal)
    return call.page(found, WebhookResources.delivery) { "\($0.sequence)" }
  }

  @Sendable func redeliver(_ call: APICall) async throws -> APIAnswer {
    let delivery = try await webhooks.redeliver(
      try call.name("delivery"), of: try id(call), in: try call.name("project"),
      as: call.principal)
    return .ok(WebhookResources.delivery.json(delivery))
  }

  private func id(_ call: APICall) throws -> Webhook.ID {
    Webhook.ID(rawValue: try call.name("webhook"))
  }

  private func found(_ call: APICall) async throws -> Webhook {
    try await webhooks.webhook(
      try id(call), of: try call.name("project"), as: call.principal)
  }
}

extension Webhook {
  fileprivate var etag: String { "\"\(id.rawValue)-\(version)\"" }
}
