import Domain
import Hummingbird
import Templates

/// A project's quota: owners ask for another one, admins decide.
struct QuotaPages: Sendable {
  let projects: Projects
  let applications: Applications

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/quota", use: show)
    pages.post("projects/:project/quota", use: change)
    pages.post("projects/:project/quota/withdrawal", use: withdraw)
    pages.post("projects/:project/quota/decision", use: decide)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context, try await overview(context))
  }

  /// An admin's form sets the quota, an owner's asks for it.
  @Sendable func change(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let form = QuotaForm(context.form)
    let isAdmin = AccessTable.decide(.changeQuotas, of: context.principal).isAllowed
    do throws(DomainError) {
      if isAdmin {
        try await projects.setQuota(form.quota, of: project, as: context.principal)
      } else {
        try await projects.requestQuota(
          form.quota, because: form.text, of: project, as: context.principal)
      }
    } catch {
      return try await refused(error, form, context)
    }
    return done(
      isAdmin ? "The quota counts from now on." : "The admins see what you ask for.", project,
      context)
  }

  @Sendable func withdraw(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    try await projects.withdrawQuotaRequest(of: project, as: context.principal)
    return done("The request is taken back.", project, context)
  }

  @Sendable func decide(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let form = QuotaForm(context.form)
    let request = QuotaRequest.ID(rawValue: context.form.string("request"))
    let isApproved = context.form.string("decision") == "approve"
    do throws(DomainError) {
      if isApproved {
        let open = try await projects.quota(of: project, as: context.principal).open
        guard let open, open.id == request else { throw Self.decidedMeanwhile }
        try await projects.setQuota(
          QuotaDraft(open.quota), of: project, answering: request, answer: form.text,
          as: context.principal)
      } else {
        try await projects.declineQuota(
          request, of: project, answer: form.text, as: context.principal)
      }
    } catch {
      return try await refused(error, nil, context)
    }
    return done(isApproved ? "The quota counts from now on." : "Declined.", project, context)
  }

  private static var decidedMeanwhile: DomainError {
    DomainError(
      .conflict, "This request was decided, changed or taken back meanwhile.",
      advice: "What is asked for now is below.")
  }

  private func overview(_ context: SignedInContext) async throws -> QuotaOverview {
    try await projects.quota(of: try context.parameter("project"), as: context.principal)
  }

  private func refused(
    _ error: DomainError, _ form: QuotaForm?, _ context: SignedInContext
  ) async throws -> Response {
    guard error.isFormRefusal else { throw error }
    return try await page(context, try await overview(context), form: form, error: error)
      .response()
  }

  private func page(
    _ context: SignedInContext, _ overview: QuotaOverview, form: QuotaForm? = nil,
    error: DomainError? = nil
  ) async throws -> Page {
    let project = overview.membership.project
    let view = QuotaPage(
      chrome: context.chrome("Quota of \(project.name)", section: .projects), overview,
      use: applications.usage(of: project), form: form, error: error,
      principal: context.principal)
    return Page(Template.Projects.quota(view), status: error?.formStatus ?? .ok)
  }

  private func done(
    _ text: String, _ project: String, _ context: SignedInContext
  ) -> Response {
    Redirect(to: Paths.quota(of: project), flash: .success(text)).response(in: context)
  }
}

/// What the forms of the quota page send.
struct QuotaForm: Sendable {
  let quota: QuotaDraft
  /// The reason of who asks, or the answer of who decides.
  let text: String

  init(_ form: FormBody) {
    quota = QuotaDraft(form)
    text = form.string("reason") + form.string("answer")
  }
}
