import Domain
import HTTPTypes

/// Of what one gets mails, for programs.
struct MailAPI: Sendable {
  let mailings: Mailings

  private static let own = "/me/mails"
  private static let project = "/projects/{project}/mails"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, Self.own, "getMails", .notifications, "Of what you get mails in all projects",
        asks: .signedIn, .ok(Self.settings.schema), use: get),
      APIRoute(
        .put, Self.own, "putMails", .notifications, "Choose of what you get mails in all projects",
        about: "Takes a browser's session; a token can't.", asks: .signedIn, body: Self.wish,
        .ok(Self.settings.schema), use: put),
      APIRoute(
        .delete, Self.own, "resetMails", .notifications, "Go by the standard again",
        about: "Takes a browser's session; a token can't.", asks: .signedIn, .empty(), use: reset),
      APIRoute(
        .get, Self.project, "getProjectMails", .notifications,
        "Of what in a project you get mails", asks: .permission(.readPeople),
        .ok(Self.settings.schema), use: get),
      APIRoute(
        .put, Self.project, "putProjectMails", .notifications,
        "Choose of what in a project you get mails", asks: .permission(.chooseMails),
        body: Self.wish, .ok(Self.settings.schema), use: put),
      APIRoute(
        .delete, Self.project, "resetProjectMails", .notifications,
        "Go by what you chose for all projects", asks: .permission(.chooseMails), .empty(),
        use: reset),
    ]
  }

  private static let alerts = MailChoice.AlertChoice.allCases.map(\.rawValue)
  private static let releases = MailChoice.ReleaseChoice.allCases.map(\.rawValue)

  private static let choice = Resource<MailChoice>("MailChoice", "Of what somebody gets mails.") {
    $0.text("alerts", "critical", "Which alerts.", among: alerts) { $0.alerts.rawValue }
    $0.text("releases", "failed", "Which other events.", among: releases) { $0.releases.rawValue }
  }

  private static let settings = Resource<MailSettings>("MailSettings", "What counts for you.") {
    $0.one("effective", choice, "What counts.") { $0.effective }
    $0.maybeOne("own", choice, "What you chose here; null when you didn't.") { $0.own }
    $0.text("address", "ann@example.net", "Where mails go.") { $0.address }
    $0.flag("isPossible", "Whether this BabyHelm has a mail server.") { $0.isPossible }
  }

  private static let wish = Schema.body("MailChoiceWish", "Of what you want mails.") {
    $0.required("alerts", .text("critical", among: alerts), "Which alerts.")
    $0.required("releases", .text("failed", among: releases), "Which other events.")
  }

  @Sendable func get(_ call: APICall) async throws -> APIAnswer {
    .ok(
      Self.settings.json(
        try await mailings.settings(for: try project(of: call), as: call.principal)))
  }

  @Sendable func put(_ call: APICall) async throws -> APIAnswer {
    try await mailings.choose(
      MailChoiceDraft(
        alerts: call.text("alerts") ?? "", releases: call.text("releases") ?? ""),
      for: try project(of: call), as: call.principal)
    return try await get(call)
  }

  @Sendable func reset(_ call: APICall) async throws -> APIAnswer {
    try await mailings.choose(nil, for: try project(of: call), as: call.principal)
    return .empty
  }

  private func project(of call: APICall) throws -> String? {
    call.route.pathParameters.isEmpty ? nil : try call.name("project")
  }
}
