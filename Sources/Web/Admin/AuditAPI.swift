import Domain
import Foundation
import HTTPTypes

/// What people did, for programs: everything for admins, a project's own for
/// its owners.
struct AuditAPI: Sendable {
  let audit: AuditLog
  let projects: Projects

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/admin/audit", "listAudit", .admin, "What everybody did, the newest first",
        asks: .permission(.readAudit),
        query: APIParameter.paging + Self.filters + [
          APIParameter("project", .text("shop", length: 1...63), "Only in a project of this name.")
        ], .ok(Self.event.page), use: all),
      APIRoute(
        .get, "/projects/{project}/audit", "listProjectAudit", .projects,
        "What was done in a project, the newest first", asks: .permission(.readProjectAudit),
        query: APIParameter.paging + Self.filters, .ok(Self.event.page), use: project),
    ]
  }

  private static let outcomes = AuditOutcome.allCases.map(\.rawValue)

  private static let filters = [
    APIParameter("actor", .text("ann@", length: 1...254), "Only by whose address holds this."),
    APIParameter(
      "action", .text("application.deploy", among: AuditAction.allCases.map(\.rawValue)),
      "Only this."),
    APIParameter("outcome", .text("done", among: outcomes), "Only with this end."),
    APIParameter("since", .time, "Only from this time on (RFC 3339)."),
    APIParameter("until", .time, "Only before this time (RFC 3339)."),
  ]

  private static let event = Resource<AuditEvent>("AuditEvent", "One row of the audit log.") {
    $0.integer("number", 42, "Its place, from 1, without gaps.") { $0.number }
    $0.time("at", "When.") { $0.at }
    $0.text("actor", "ann@example.net", "Who, by the address of then.") { $0.actorEmail }
    $0.text("via", "API token", "How they came.") { $0.via }
    $0.text("address", "192.0.2.7", "From where; empty when it isn't known.") { $0.address }
    $0.text("requestID", "5f0c9b1e", "The request.") { $0.requestID }
    $0.text("action", "application.deploy", "What.") { $0.action }
    $0.text("targetKind", "application", "To what kind of thing.") { $0.target.kind }
    $0.text("target", "web", "To what, by the name of then.") { $0.target.name }
    $0.maybe("project", "shop", "In which project; null outside of them.") { $0.target.project }
    $0.text("outcome", "done", "How it ended.", among: outcomes) { $0.outcome.rawValue }
    $0.text("reason", "", "Why it didn't; empty when done.") { $0.reason }
    $0.raw("changes", .list(of: change), "What was before and after; never a secret.") {
      (try? JSON(parsing: Array($0.changes.utf8))).map(Self.changes) ?? []
    }
    $0.integer("occurrences", 1, "How many equal attempts it stands for.") { $0.occurrences }
  }

  private static let change = Schema.object(
    "AuditChange", "A field that was changed.",
    [
      .init(name: "field", schema: .text("role"), about: "Which."),
      .init(name: "before", schema: Schema.text("viewer").orNull, about: "Null for nothing."),
      .init(name: "after", schema: Schema.text("editor").orNull, about: "Null for nothing."),
    ])

  private static func changes(_ stored: JSON) -> JSON {
    .array(
      (stored.array ?? []).map { change in
        [
          "field": change["field"] ?? "", "before": change["before"] ?? .null,
          "after": change["after"] ?? .null,
        ]
      })
  }

  @Sendable func all(_ call: APICall) async throws -> APIAnswer {
    var query = try Self.query(call)
    query.project = call.query["project"] ?? ""
    let found = try await audit.page(
      query, before: try call.numericCursor(), limit: call.limit + 1, as: call.principal)
    return call.page(found, Self.event) { "\($0.number)" }
  }

  @Sendable func project(_ call: APICall) async throws -> APIAnswer {
    let (_, found) = try await projects.audit(
      of: try call.name("project"), try Self.query(call), before: try call.numericCursor(),
      limit: call.limit + 1, as: call.principal)
    return call.page(found, Self.event) { "\($0.number)" }
  }

  private static func query(_ call: APICall) throws(DomainError) -> AuditQuery {
    AuditQuery(
      actor: call.query["actor"] ?? "",
      action: call.query["action"].flatMap { AuditAction(rawValue: $0) },
      outcome: call.query["outcome"].flatMap { AuditOutcome(rawValue: $0) },
      since: try time("since", call), until: try time("until", call))
  }

  private static func time(_ name: String, _ call: APICall) throws(DomainError) -> Date? {
    guard let text = call.query[name] else { return nil }
    guard let time = LogTime(text)?.date else {
      throw DomainError.invalid([
        FieldError(name, "Write a time as RFC 3339 does: 2026-11-26T12:00:00Z.")
      ])
    }
    return time
  }
}
