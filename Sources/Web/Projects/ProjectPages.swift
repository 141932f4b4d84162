import Domain
import Hummingbird

/// Projects: the list, a new one, and one with its applications.
final class ProjectPages: Sendable {
  let projects: Projects
  let applications: Applications
  let policies: Policies
  let alerts: Alerts
  let streams: EventStreams
  let grafana: GrafanaDashboards

  init(
    projects: Projects, applications: Applications, policies: Policies, alerts: Alerts,
    streams: EventStreams, grafana: GrafanaDashboards
  ) {
    self.projects = projects
    self.applications = applications
    self.policies = policies
    self.alerts = alerts
    self.streams = streams
    self.grafana = grafana
  }

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects", use: index)
    pages.get("projects/new", use: new)
    pages.post("projects/new", use: create)
    pages.post("projects/trial", use: tryOut)
    pages.get("projects/:project", use: show)
    pages.get("projects/:project/live", use: live)
    pages.post("projects/:project/guards", use: restoreGuards)
    pages.post("projects/:project/namespace", use: remakeNamespace)
    pages.post("projects/:project/demo", use: setDemo)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    let choice = ListChoice(request, usual: .health)
    let list = try await projects.list(
      page: choice.page, in: choice.order(applications.troubledProjects), matching: choice.text,
      as: context.principal)
    let view = ProjectsPage(
      chrome: context.chrome("Projects", section: .projects), list, choice,
      health: applications.health(of: list.projects),
      alerts: try await alerts.counts(in: list.projects),
      deleted: try await projects.deleted(as: context.principal),
      mayTry: try await projects.trialRefusal(for: context.principal) == nil,
      principal: context.principal)
    return Page(Template.Projects.projectList(view))
  }

  @Sendable func new(request: Request, context: SignedInContext) async throws -> Page {
    let form = ProjectForm(try await policies.policy())
    return Page(Template.Projects.newProject(page(for: form, in: context)))
  }

  @Sendable func create(request: Request, context: SignedInContext) async throws -> Response {
    let form = ProjectForm(context.form, try await policies.policy())
    do throws(DomainError) {
      let project = try await projects.create(form.draft, as: context.principal)
      return Redirect(
        to: Paths.project(project.name), flash: .success("Project \(project.name) is ready.")
      ).response(in: context)
    } catch {
      guard error.isFormRefusal else { throw error }
      let view = page(for: form, in: context, error: error)
      return Page(Template.Projects.newProject(view), status: error.formStatus).response()
    }
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let choice = ListChoice(request, usual: .name)
    let list = try await list(try context.parameter("project"), choice, as: context.principal)
    let panel = GrafanaPanel(
      grafana.offer(in: list.membership), on: Paths.project(list.membership.project.name),
      isShown: request.showsGrafana)
    let view = ProjectPage(
      chrome: context.chrome(list.membership.project.name, section: .projects), list, choice,
      isolation: isolation(list.membership, context, context.formSecret.token()),
      grafana: panel, alerts: try await firing(list.membership, context),
      principal: context.principal)
    return Page(Template.Projects.project(view), framing: panel?.framing ?? [])
  }

  /// Sends applications and guards anew whenever something of them changed.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let choice = ListChoice(request, usual: .name)
    // Asked once before the stream opens, so that a stranger gets the answer
    // of any other address, and then again for each change.
    _ = try await list(project, choice, as: context.principal)
    // One for the whole stream, so that a fragment that says the same is the same.
    let token = context.formSecret.token()
    return try streams.open(request, context) { [self] stream in
      for await _ in applications.changes(in: project) {
        try await stream.send { [self] in
          let list = try await list(project, choice, as: context.principal)
          return Template.Projects.live(
            applications: ProjectApplications(list, choice),
            isolation: isolation(list.membership, context, token),
            alerts: try await firing(list.membership, context))
        }
      }
    }
  }

  @Sendable func restoreGuards(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let project = try context.parameter("project")
    try await projects.restoreGuards(of: project, as: context.principal)
    return Redirect(
      to: Paths.project(project), flash: .success("The guards of \(project) are back.")
    ).response(in: context)
  }

  @Sendable func remakeNamespace(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let project = try context.parameter("project")
    try await projects.remakeNamespace(of: project, as: context.principal)
    return Redirect(
      to: Paths.project(project),
      flash: .success("The namespace \(project) is there again. Deploy its applications anew.")
    ).response(in: context)
  }

  /// Gives a visitor their project, or leads to the one they have.
  @Sendable func tryOut(request: Request, context: SignedInContext) async throws -> Response {
    do throws(DomainError) {
      let project = try await projects.createTrial(as: context.principal)
      return Redirect(
        to: Paths.project(project.name),
        flash: .success("This project is yours for an hour. Deploy something into it.")
      ).response(in: context)
    } catch {
      guard error.reason == .tooManyRequests else { throw error }
      return Redirect(
        to: Paths.projects, flash: .failure("\(error.message) \(error.advice)")
      ).response(in: context)
    }
  }

  @Sendable func setDemo(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let isDemo = context.form.isOn("isDemo")
    try await projects.setDemo(isDemo, of: project, as: context.principal)
    return Redirect(
      to: Paths.projectSettings(project),
      flash: .success(
        isDemo
          ? "Everybody who is signed in, and every visitor, may look at \(project) now."
          : "Only its members see \(project) now.")
    ).response(in: context)
  }

  private func list(
    _ project: String, _ choice: ListChoice, as principal: Principal
  ) async throws -> ApplicationPage {
    try await applications.list(
      project: project, page: choice.page,
      in: choice.order { applications.troubled(in: project) }, matching: choice.text,
      as: principal)
  }

  private func firing(
    _ membership: ProjectMembership, _ context: SignedInContext
  ) async throws -> FiringAlerts {
    FiringAlerts(
      try await alerts.firing(in: membership), in: membership.project.name,
      title: "What is wrong now", principal: context.principal)
  }

  private func isolation(
    _ membership: ProjectMembership, _ context: SignedInContext, _ token: String
  ) -> IsolationCard {
    IsolationCard(
      projects.isolation(of: membership), of: membership, egress: projects.egress,
      principal: context.principal, formToken: token)
  }

  private func page(
    for form: ProjectForm, in context: SignedInContext, error: DomainError? = nil
  ) -> NewProjectPage {
    NewProjectPage(
      chrome: context.chrome("New project", section: .projects), form: form, error: error,
      principal: context.principal)
  }
}
