import Domain
import HTTPTypes

/// Alerts and silences, for programs.
struct AlertAPI: Sendable {
  let alerts: Alerts

  var routes: [APIRoute] { ofProjects + ofPlatform }

  private var ofProjects: [APIRoute] {
    [
      APIRoute(
        .get, "/projects/{project}/alerts", "listAlerts", .alerts,
        "A project's alerts, the newest first", asks: .permission(.readProject),
        query: APIParameter.paging + Self.filters, .ok(Self.alert.page), use: list),
      APIRoute(
        .get, "/projects/{project}/alerts/{alert}", "getAlert", .alerts, "One alert",
        asks: .permission(.readProject), .ok(Self.alert.schema), use: one),
      APIRoute(
        .post, "/projects/{project}/alerts/{alert}/silences", "createSilence", .alerts,
        "Silence an alert, or more", asks: .permission(.silenceAlerts), body: Self.draft,
        .created(Self.silence.schema), isRepeatable: true, use: silence),
      APIRoute(
        .get, "/projects/{project}/silences", "listSilences", .alerts,
        "The silences that hold in a project", asks: .permission(.readProject),
        query: APIParameter.paging, .ok(Self.silence.page), use: silences),
      APIRoute(
        .delete, "/projects/{project}/silences/{silence}", "endSilence", .alerts,
        "End a silence early", asks: .permission(.silenceAlerts), .empty(), use: endSilence),
    ]
  }

  private var ofPlatform: [APIRoute] {
    [
      APIRoute(
        .get, "/admin/alerts", "listAllAlerts", .admin,
        "Alerts of all projects and of the platform, the newest first",
        asks: .permission(.readPlatformUsage),
        query: APIParameter.paging + Self.filters + [
          APIParameter("project", .text("shop", length: 1...63), "Only of a project of this name."),
          APIParameter("platform", .flag(true), "Only what is no project's."),
        ], .ok(Self.alert.page), use: all),
      APIRoute(
        .get, "/admin/alerts/{alert}", "getAnyAlert", .admin, "Any alert",
        asks: .permission(.readPlatformUsage), .ok(Self.alert.schema), use: any),
      APIRoute(
        .post, "/admin/alerts/{alert}/silences", "createAnySilence", .admin,
        "Silence any alert, or more", asks: .permission(.changeSettings), body: Self.draft,
        .created(Self.silence.schema), isRepeatable: true, use: silenceAny),
      APIRoute(
        .delete, "/admin/silences/{silence}", "endAnySilence", .admin,
        "End any silence early", asks: .permission(.changeSettings), .empty(),
        use: endAnySilence),
    ]
  }

  // MARK: What goes in and out

  private static let severities = Alert.Severity.allCases.map(\.rawValue)
  private static let filters = [
    APIParameter("state", .text("firing", among: ["firing", "over"]), "Only in this state."),
    APIParameter("severity", .text("critical", among: severities), "Only of this severity."),
    APIParameter("application", .text("web", length: 1...63), "Only about this application."),
    APIParameter("name", .text("CrashLoop", length: 1...100), "Only of this name."),
  ]

  private static let draft = Schema.body("SilenceDraft", "What to silence, and for how long.") {
    $0.optional(
      "scope", .text("alert", among: AlertSilence.Scope.allCases.map(\.rawValue)),
      "This alert, all about its application, or all of its name; this alert without.")
    $0.optional(
      "duration",
      .text("1h", among: AlertSilenceDraft.durations.map(\.word) + ["until"]),
      "For how long, or “until” the time of the next field; 1h without.")
    $0.optional("until", Schema.time, "Until when (RFC 3339), within 30 days.")
    $0.optional(
      "comment", .text("Known.", length: 0...AlertSilenceDraft.commentLength), "Why.")
  }

  private static let release = Resource<PrecedingRelease>(
    "PrecedingRelease", "The release that came shortly before an alert."
  ) {
    $0.integer("number", 12, "Its number.") { $0.number }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.text("change", "image 1.3 → 1.4", "What it changed.") { $0.change }
    $0.maybeInteger("previous", 11, "The one to roll back to; null without one.") { $0.previous }
  }

  private static let silence = Resource<AlertSilence>(
    "Silence", "Alerts that nobody is told of for a while."
  ) {
    $0.text("id", "6f1f0b04-34f0-4d2c-8a5c-0d1f7c0a2f11", "Its id.") { $0.id.rawValue }
    $0.text(
      "scope", "alert", "How much it is about.",
      among: AlertSilence.Scope.allCases.map(\.rawValue)
    ) { $0.scope.rawValue }
    $0.text("namespace", "shop", "Where; may be empty.") { $0.namespace }
    $0.maybe("application", "web", "About which application.") { $0.application }
    $0.maybe("name", "CrashLoop", "About alerts of which name.") { $0.name }
    $0.text("comment", "Known.", "Why.") { $0.comment }
    $0.text("createdBy", "Ann", "Who; empty for who may not see people.") { $0.createdBy }
    $0.time("createdAt", "When.") { $0.createdAt }
    $0.time("endsAt", "Until when.") { $0.endsAt }
    $0.text(
      "alertmanager", "none", "Whether Alertmanager knows of it.",
      among: AlertSilence.Outside.allCases.map(\.rawValue)
    ) { $0.outside.rawValue }
  }

  /// An alert with what silences it.
  private struct Told: Sendable {
    let alert: Alert
    let silence: AlertSilence?
  }

  private static let labels = Schema.map(
    of: .text("shop"), most: 30, sample: ["namespace": "shop"])

  private static let alert = Resource<Told>("Alert", "Something that is, or was, wrong.") {
    $0.text("id", "6f1f0b04-34f0-4d2c-8a5c-0d1f7c0a2f11", "Its id.") { $0.alert.id.rawValue }
    $0.text("name", "CrashLoop", "The rule's name.") { $0.alert.name }
    $0.text("severity", "warning", "How much it matters.", among: severities) {
      $0.alert.severity.rawValue
    }
    $0.text(
      "state", "firing", "How it is.", among: Alert.State.allCases.map(\.rawValue)
    ) { $0.alert.state.rawValue }
    $0.text(
      "source", "alertmanager", "Who says so.", among: Alert.Source.allCases.map(\.rawValue)
    ) { $0.alert.source.rawValue }
    $0.maybe("project", "shop", "Null for the platform.") { $0.alert.project }
    $0.text("namespace", "shop", "As it was told; may be empty.") { $0.alert.namespace }
    $0.maybe("application", "web", "Null when it isn't about one.") { $0.alert.application }
    $0.text("summary", "web keeps crashing", "What is wrong.") { $0.alert.summary }
    $0.text("description", "Read its log.", "More, and what to do.") { $0.alert.description }
    $0.maybe("runbook", "https://example.org/crash-loop", "Where to read on.") { $0.alert.runbook }
    $0.maybe("seen", "1.2 cores", "What was measured.") { $0.alert.seen }
    $0.maybe("usual", "0.4 cores", "What is usual.") { $0.alert.usual }
    $0.raw("labels", labels, "As they were told.") { told in
      .members(
        told.alert.labels.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) })
    }
    $0.time("startedAt", "When it began.") { $0.alert.startedAt }
    $0.maybeTime("endedAt", "Null while it fires.") { $0.alert.endedAt }
    $0.time("heardAt", "When it was last told of.") { $0.alert.heardAt }
    $0.maybeOne("release", release, "The release before it; null without one.") {
      $0.alert.release
    }
    $0.maybeOne("silence", silence, "What silences it; null when nothing does.") { $0.silence }
  }

  // MARK: Calls

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    page(
      call,
      try await alerts.list(
        of: try call.name("project"), Self.query(call), before: try Self.cursor(call),
        limit: call.limit + 1, as: call.principal))
  }

  @Sendable func all(_ call: APICall) async throws -> APIAnswer {
    var query = Self.query(call)
    query.project = call.query["project"] ?? ""
    query.isOfPlatform = call.isOn("platform")
    return page(
      call,
      try await alerts.all(
        query, before: try Self.cursor(call), limit: call.limit + 1, as: call.principal))
  }

  private func page(_ call: APICall, _ list: AlertList) -> APIAnswer {
    call.page(
      list.alerts.map { Told(alert: $0, silence: list.silence(of: $0)) }, Self.alert
    ) { AlertQuery.Cursor($0.alert).text }
  }

  @Sendable func one(_ call: APICall) async throws -> APIAnswer {
    Self.answer(
      try await alerts.alert(
        try call.context.alertID, in: try call.name("project"), as: call.principal))
  }

  @Sendable func any(_ call: APICall) async throws -> APIAnswer {
    Self.answer(try await alerts.alert(try call.context.alertID, as: call.principal))
  }

  private static func answer(_ list: AlertList) -> APIAnswer {
    .ok(
      list.alerts.first.map { alert.json(Told(alert: $0, silence: list.silence(of: $0))) } ?? [:])
  }

  @Sendable func silence(_ call: APICall) async throws -> APIAnswer {
    .created(
      Self.silence.json(
        try await alerts.silence(
          try call.context.alertID, in: try call.name("project"), Self.draft(call),
          as: call.principal)))
  }

  @Sendable func silenceAny(_ call: APICall) async throws -> APIAnswer {
    .created(
      Self.silence.json(
        try await alerts.silence(
          try call.context.alertID, Self.draft(call), as: call.principal)))
  }

  @Sendable func silences(_ call: APICall) async throws -> APIAnswer {
    let list = try await alerts.list(
      of: try call.name("project"), limit: 1, as: call.principal)
    return try call.page(slicing: list.silences, Self.silence)
  }

  @Sendable func endSilence(_ call: APICall) async throws -> APIAnswer {
    try await alerts.endSilence(
      AlertSilence.ID(rawValue: try call.name("silence")), in: try call.name("project"),
      as: call.principal)
    return .empty
  }

  @Sendable func endAnySilence(_ call: APICall) async throws -> APIAnswer {
    try await alerts.endSilence(
      AlertSilence.ID(rawValue: try call.name("silence")), as: call.principal)
    return .empty
  }

  private static func draft(_ call: APICall) -> AlertSilenceDraft {
    AlertSilenceDraft(
      scope: call.text("scope") ?? "alert",
      duration: call.text("duration") ?? (call.text("until") == nil ? "1h" : "until"),
      until: call.text("until") ?? "", comment: call.text("comment") ?? "")
  }

  private static func query(_ call: APICall) -> AlertQuery {
    AlertQuery(
      isFiring: call.query["state"].map { $0 == "firing" },
      severity: call.query["severity"].flatMap { Alert.Severity(rawValue: $0) },
      application: call.query["application"] ?? "", name: call.query["name"] ?? "")
  }

  private static func cursor(_ call: APICall) throws(DomainError) -> AlertQuery.Cursor? {
    guard let text = try call.cursor() else { return nil }
    guard let cursor = AlertQuery.Cursor(text) else {
      throw DomainError.invalid([
        FieldError("cursor", "Take it from “next” of the page before, as it is.")
      ])
    }
    return cursor
  }
}
