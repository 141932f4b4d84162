import Domain
import Foundation
import Hummingbird
import NIOCore

/// What people did: everything for admins, a project's own for its owners.
struct AuditPages: Sendable {
  let audit: AuditLog
  let projects: Projects
  let access: AccessWatch

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin/audit", use: all)
    pages.get("admin/audit.csv") { try await export(.csv, $0, $1) }
    pages.get("admin/audit.jsonl") { try await export(.jsonl, $0, $1) }
    pages.get("projects/:project/audit", use: project)
  }

  @Sendable func all(request: Request, context: SignedInContext) async throws -> Page {
    let form = AuditSearch(request)
    let events = try await audit.page(
      form.query, before: form.before, as: context.principal)
    let view = AuditPage(
      chrome: context.chrome("Audit", section: .admin), events, form, of: nil,
      principal: context.principal)
    return Page(Template.Admin.audit(view))
  }

  @Sendable func project(request: Request, context: SignedInContext) async throws -> Page {
    let name = try context.parameter("project")
    let form = AuditSearch(request)
    let (membership, events) = try await projects.audit(
      of: name, form.query, before: form.before, as: context.principal)
    let view = AuditPage(
      chrome: context.chrome("Audit of \(name)", section: .projects), events, form,
      of: membership, principal: context.principal)
    return Page(Template.Admin.audit(view))
  }

  /// The whole log as a file, 500 rows at a time, however long it is.
  @Sendable private func export(
    _ format: AuditExport, _ request: Request, _ context: SignedInContext
  ) async throws -> Response {
    let (audit, principal) = (audit, context.principal)
    let first = try await audit.rows(after: 0, as: principal)
    let body = ResponseBody { [access] writer in
      var timer = AccessTimer(watch: access, context)
      try await writer.write(ByteBuffer(string: format.header))
      var events = first
      while let last = events.last {
        try await timer.requireBetweenPieces()
        try await writer.write(ByteBuffer(string: events.map(format.line).joined()))
        events = try await audit.rows(after: last.number, as: principal)
      }
      try await writer.finish(nil)
    }
    let type = format == .csv ? "text/csv; charset=utf-8" : "application/jsonl"
    return Response(
      status: .ok,
      headers: [
        .contentType: type,
        .contentDisposition: "attachment; filename=\"audit.\(format.rawValue)\"",
        .cacheControl: "private, no-store",
      ], body: body)
  }
}

/// What the address of an audit page asks for.
struct AuditSearch: Sendable {
  let actor: String
  let action: String
  let project: String
  let outcome: String
  /// Days, as `<input type=date>` sends them.
  let since: String
  let until: String
  let before: Int?

  init(_ request: Request) {
    actor = request.query("actor")
    action = request.query("action")
    project = request.query("project")
    outcome = request.query("outcome")
    since = request.query("since")
    until = request.query("until")
    before = Int(request.query("before"))
  }

  var query: AuditQuery {
    AuditQuery(
      actor: String(actor.prefix(254)), action: AuditAction(rawValue: action),
      project: String(project.prefix(63)), outcome: AuditOutcome(rawValue: outcome),
      since: Self.day(since), until: Self.day(until)?.addingTimeInterval(24 * 3600))
  }

  var isEmpty: Bool { parameters.isEmpty }

  /// What is asked for, without the page.
  var parameters: [(String, String)] {
    [
      ("actor", actor), ("action", action), ("project", project), ("outcome", outcome),
      ("since", since), ("until", until),
    ].filter { !$0.1.isEmpty }
  }

  /// The start of a day (UTC) as in `2026-11-23`.
  private static func day(_ text: String) -> Date? {
    try? Date(text, strategy: .iso8601.year().month().day())
  }
}
