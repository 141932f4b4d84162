import Domain
import HTTPTypes

/// Quotas for programs: owners ask, admins decide.
struct QuotaAPI: Sendable {
  let projects: Projects

  private static let asked = "/projects/{project}/quota-requests"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, Self.asked, "listQuotaRequests", .projects,
        "What was asked about a project's quota, the open one first",
        asks: .permission(.readProject), query: APIParameter.paging, .ok(Self.request.page),
        use: list),
      APIRoute(
        .post, Self.asked, "requestQuota", .projects, "Ask the admins for another quota",
        about: "Takes the place of an open request.", asks: .permission(.requestQuota),
        body: Self.wish, .created(Self.request.schema), isRepeatable: true, use: ask),
      APIRoute(
        .delete, Self.asked, "withdrawQuotaRequest", .projects, "Take the open request back",
        about: "Harmless when there is none.", asks: .permission(.requestQuota), .empty(),
        use: withdraw),
      APIRoute(
        .put, "/admin/projects/{project}/quota", "setQuota", .admin, "Give a project another quota",
        about: "What runs already goes on.", asks: .permission(.changeQuotas), body: Self.quota,
        .ok(ProjectResources.project.schema), use: set),
      APIRoute(
        .get, "/admin/quota-requests", "listOpenQuotaRequests", .admin,
        "What waits for a decision, the oldest first", asks: .permission(.changeQuotas),
        query: APIParameter.paging, .ok(Self.request.page), use: listOpen),
      APIRoute(
        .post, "/admin/quota-requests/{request}/approval", "approveQuota", .admin,
        "Give what was asked for, or something else", asks: .permission(.changeQuotas),
        body: Self.approval, .ok(ProjectResources.project.schema), use: approve),
      APIRoute(
        .post, "/admin/quota-requests/{request}/refusal", "refuseQuota", .admin,
        "Decline a request", asks: .permission(.changeQuotas), body: Self.refusal, .empty(),
        use: refuse),
    ]
  }

  static let request = Resource<QuotaRequest>("QuotaRequest", "Another quota that is asked for.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "For the decision.") { $0.id.rawValue }
    $0.text("project", "shop", "The project.") { $0.projectName }
    $0.one("quota", ProjectResources.quota, "What is asked for.") { $0.quota }
    $0.text("reason", "Black Friday", "In the words of who asked; may be empty.") { $0.reason }
    $0.text("askedBy", "Ann", "Who asked.") { $0.askedBy }
    $0.time("createdAt", "When.") { $0.createdAt }
    $0.maybe(
      "outcome", "approved", "What became of it; null while it is open.",
      among: QuotaRequest.Outcome.allCases.map(\.rawValue)
    ) { $0.outcome?.rawValue }
    $0.text("answer", "", "In the words of who decided; may be empty.") { $0.answer }
    $0.text("decidedBy", "", "Who decided; empty while it is open.") { $0.decidedBy }
    $0.maybeTime("decidedAt", "When.") { $0.decidedAt }
  }

  private static let quota = Schema.object(
    "QuotaWish", "What all pods of a project may ask for.", ProjectResources.quotaFields)

  private static let wish = Schema.body("QuotaRequestWish", "What is asked for.") {
    $0.required("quota", quota, "What all pods of the project may ask for.")
    $0.optional("reason", .text("Black Friday", length: 0...500), "Why.")
  }

  private static let approval = Schema.body("QuotaApproval", "What is given.") {
    $0.optional("quota", quota, "Something else than was asked for.")
    $0.optional("answer", .text("Until January", length: 0...500), "In your words.")
  }

  private static let refusal = Schema.body("QuotaRefusal", "Why it is declined.") {
    $0.optional("answer", .text("The cluster is full", length: 0...500), "In your words.")
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let overview = try await projects.quota(of: try call.name("project"), as: call.principal)
    return try call.page(
      keyed: (overview.open.map { [$0] } ?? []) + overview.decided, Self.request
    ) { request in
      // What is open comes first.
      "\(request.outcome == nil ? 0 : 1) \(PageKey.falling(request.createdAt, request.id.rawValue))"
    }
  }

  @Sendable func ask(_ call: APICall) async throws -> APIAnswer {
    let name = try call.name("project")
    do throws(DomainError) {
      try await projects.requestQuota(
        QuotaDraft(call.body["quota"] ?? .null), because: call.text("reason") ?? "", of: name,
        as: call.principal)
    } catch {
      throw Self.renamed(error)
    }
    guard let open = try await projects.quota(of: name, as: call.principal).open else {
      throw DomainError(.conflict, "The request was decided this moment.")
    }
    return .created(Self.request.json(open))
  }

  @Sendable func withdraw(_ call: APICall) async throws -> APIAnswer {
    try await projects.withdrawQuotaRequest(of: try call.name("project"), as: call.principal)
    return .empty
  }

  @Sendable func set(_ call: APICall) async throws -> APIAnswer {
    let name = try call.name("project")
    try await projects.setQuota(QuotaDraft(call.body), of: name, as: call.principal)
    return .ok(
      ProjectResources.project.json(
        try await projects.project(named: name, as: call.principal)))
  }

  @Sendable func listOpen(_ call: APICall) async throws -> APIAnswer {
    try call.page(
      keyed: try await projects.openQuotaRequests(as: call.principal), Self.request
    ) {
      PageKey.rising($0.createdAt, $0.id.rawValue)
    }
  }

  @Sendable func approve(_ call: APICall) async throws -> APIAnswer {
    let request = try await open(call)
    do throws(DomainError) {
      try await projects.setQuota(
        call.body["quota"].map { QuotaDraft($0) } ?? QuotaDraft(request.quota),
        of: request.projectName, answering: request.id, answer: call.text("answer") ?? "",
        as: call.principal)
    } catch {
      throw Self.renamed(error)
    }
    return .ok(
      ProjectResources.project.json(
        try await projects.project(named: request.projectName, as: call.principal)))
  }

  @Sendable func refuse(_ call: APICall) async throws -> APIAnswer {
    let request = try await open(call)
    try await projects.declineQuota(
      request.id, of: request.projectName, answer: call.text("answer") ?? "", as: call.principal)
    return .empty
  }

  private func open(_ call: APICall) async throws -> QuotaRequest {
    let id = try call.name("request")
    let open = try await projects.openQuotaRequests(as: call.principal)
    guard let request = open.first(where: { $0.id.rawValue == id }) else {
      throw DomainError(
        .notFound, "There is no such request that is open.",
        advice: "It may have been decided or taken back meanwhile.")
    }
    return request
  }

  private static func renamed(_ error: DomainError) -> DomainError {
    error.renaming { QuotaDraft.fields.contains($0) ? "quota.\($0)" : $0 }
  }
}
