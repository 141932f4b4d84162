import Domain
import Hummingbird

/// The way to a release: form, plan, confirmation.
struct DeployPages: Sendable {
  let projects: Projects
  let applications: Applications
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/apps/new", use: new)
    pages.post("projects/:project/apps/new", use: plan)
    pages.get("projects/:project/apps/:application/edit", use: edit)
    pages.post("projects/:project/apps/:application/edit", use: planChange)
    pages.post("projects/:project/apps/:application/deploys", use: deploy)
  }

  @Sendable func new(request: Request, context: SignedInContext) async throws -> Page {
    let membership = try await projects.project(
      named: try context.parameter("project"), as: context.principal)
    return form(DeployForm(), of: membership, in: context)
  }

  @Sendable func edit(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await applications.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
    var deploy = DeployForm(ApplicationDraft(detail.application.spec))
    deploy.isChange = true
    return form(deploy, of: detail.membership, in: context)
  }

  @Sendable func plan(request: Request, context: SignedInContext) async throws -> Page {
    var deploy = DeployForm(context.form)
    deploy.isChange = false
    return try await plan(deploy, in: context)
  }

  @Sendable func planChange(request: Request, context: SignedInContext) async throws -> Page {
    var deploy = DeployForm(context.form)
    deploy.isChange = true
    deploy.draft.name = try context.parameter("application")
    return try await plan(deploy, in: context)
  }

  /// Confirms a plan. When something moved since it was shown, the new one is
  /// shown instead, and nothing was written.
  @Sendable func deploy(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let name = try context.parameter("application")
    var deploy = DeployForm(context.form)
    deploy.draft.name = name
    do throws(DomainError) {
      let confirmation = try await releases.deploy(
        deploy.draft, replacing: deploy.isChange ? name : nil, in: project,
        confirming: deploy.planHash, message: deploy.message, as: context.principal)
      switch confirmation {
      case .deployed(let release):
        return Redirect(
          to: Paths.application(name, in: project),
          flash: .success("Release #\(release.number) of \(name) is on its way.")
        ).response(in: context)
      case .moved(let plan):
        return page(plan, deploy, project: project, in: context, hasMoved: true).response()
      }
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await refused(deploy, error, in: context).response()
    }
  }

  private func plan(_ deploy: DeployForm, in context: SignedInContext) async throws -> Page {
    let project = try context.parameter("project")
    if deploy.wantsForm {
      let membership = try await projects.project(named: project, as: context.principal)
      return form(deploy, of: membership, in: context)
    }
    do throws(DomainError) {
      let plan = try await releases.plan(
        deploy.draft, replacing: deploy.isChange ? deploy.draft.name : nil, in: project,
        as: context.principal)
      return page(plan, deploy, project: project, in: context)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await refused(deploy, error, in: context)
    }
  }

  private func refused(
    _ deploy: DeployForm, _ error: DomainError, in context: SignedInContext
  ) async throws -> Page {
    let membership = try await projects.project(
      named: try context.parameter("project"), as: context.principal)
    return form(deploy, of: membership, in: context, error: error)
  }

  private func form(
    _ deploy: DeployForm, of membership: ProjectMembership, in context: SignedInContext,
    error: DomainError? = nil
  ) -> Page {
    let title = deploy.isChange ? "Change \(deploy.draft.name)" : "Deploy an application"
    let view = DeployPage(
      chrome: context.chrome(title, section: .projects), title: title, membership,
      form: deploy, error: error, principal: context.principal)
    return Page(
      Template.Releases.deployForm(view), status: error?.formStatus ?? .ok)
  }

  private func page(
    _ plan: Plan, _ deploy: DeployForm, project: String, in context: SignedInContext,
    hasMoved: Bool = false
  ) -> Page {
    let view = PlanPage(
      chrome: context.chrome("Review \(plan.spec.name)", section: .projects), plan,
      form: deploy, project: project, hasMoved: hasMoved)
    return Page(Template.Releases.plan(view), status: hasMoved ? .conflict : .ok)
  }
}
