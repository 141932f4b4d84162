import Domain
import Hummingbird
import Templates

/// Deployments of a project's namespace that BabyHelm didn't make: shown, taken
/// over through the deploy form, and removed.
struct AdoptionPages: Sendable {
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/adopt", use: show)
    pages.post("projects/:project/adopt/:deployment/remove", use: remove)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    try await page(in: context)
  }

  @Sendable func remove(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = (
      try context.parameter("project"), try context.parameter("deployment")
    )
    do throws(DomainError) {
      try await releases.removeForeign(
        name, typed: context.form.string("confirmation-\(name)"), in: project, as: context.principal
      )
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(in: context, error: error, about: name).response()
    }
    return Redirect(
      to: Paths.adoptions(in: project),
      flash: .success("The Deployment \(name) is removed with its pods.")
    ).response(in: context)
  }

  private func page(
    in context: SignedInContext, error: DomainError? = nil, about name: String = ""
  ) async throws -> Page {
    let project = try context.parameter("project")
    let (membership, found) = try await releases.foreignDeployments(
      in: project, as: context.principal)
    let view = AdoptionPage(
      chrome: context.chrome("Adopt into \(project)", section: .projects), membership, found,
      error: error, about: name, principal: context.principal)
    return Page(Template.Projects.adoption(view), status: error?.formStatus ?? .ok)
  }
}

/// What runs in a project without BabyHelm.
struct AdoptionPage: Sendable {
  struct Line: Sendable {
    let name: String
    let images: String
    let replicas: String
    let manager: String
    let created: RelativeTime?
    let takeOver: Link
    let remove: Link
    let confirmation: Field
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let lines: [Line]
  let errors: FormErrors?
  let mayDeploy: Bool
  let mayRemove: Bool
  /// Why the person may not take one over; nil for who may.
  let refusal: String?
  let empty = EmptyState(
    "Nothing to adopt", "Every Deployment in this project’s namespace was made with BabyHelm.")

  var hasLines: Bool { !lines.isEmpty }

  init(
    chrome: PageChrome, _ membership: ProjectMembership, _ found: [ForeignDeployment],
    error: DomainError?, about: String, principal: Principal
  ) {
    self.chrome = chrome
    let project = membership.project.name
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))],
      current: "Adopt")
    tabs = ProjectTabs(.applications, isWithin: true, of: membership, for: principal)
    errors = error.map { FormErrors($0, fields: []) }
    let decision = membership.decision(.deployApplications, for: principal)
    mayDeploy = decision.isAllowed
    refusal = decision.reason
    mayRemove = membership.decision(.deleteApplications, for: principal).isAllowed
    lines = found.map { deployment in
      let name = deployment.name
      return Line(
        name: name, images: deployment.images.joined(separator: ", "),
        replicas: "\(deployment.ready)/\(deployment.wanted)",
        manager: deployment.manager.isEmpty ? "unknown" : deployment.manager,
        created: deployment.createdAt.map { RelativeTime($0) },
        takeOver: Paths.adopting(name, in: project),
        remove: Paths.removeForeign(name, in: project),
        confirmation: Field(
          "confirmation-\(name)", label: "Type “\(name)” to remove it",
          error: name == about ? error?.fields.first?.message : nil, autocomplete: "off"))
    }
  }
}
