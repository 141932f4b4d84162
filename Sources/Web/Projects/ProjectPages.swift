import Domain
import Hummingbird

/// Projects: the list, a new one, and one with its applications.
struct ProjectPages: Sendable {
  let projects: Projects
  let applications: Applications
  let streams: EventStreams

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects", use: index)
    pages.get("projects/new", use: new)
    pages.post("projects/new", use: create)
    pages.get("projects/:project", use: show)
    pages.get("projects/:project/live", use: live)
    pages.post("projects/:project/guards", use: restoreGuards)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    let list = try await projects.list(page: request.pageNumber, as: context.principal)
    let view = ProjectsPage(
      chrome: context.chrome("Projects", section: .projects), list,
      health: applications.health(of: list.projects), principal: context.principal)
    return Page(Template.Projects.projectList(view))
  }

  @Sendable func new(request: Request, context: SignedInContext) -> Page {
    Page(Template.Projects.newProject(page(for: ProjectForm(), in: context)))
  }

  @Sendable func create(request: Request, context: SignedInContext) async throws -> Response {
    let form = ProjectForm(context.form)
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
    let list = try await applications.list(
      project: try context.parameter("project"), page: request.pageNumber, as: context.principal)
    let view = ProjectPage(
      chrome: context.chrome(list.membership.project.name, section: .projects), list,
      isolation: isolation(list.membership, context), principal: context.principal)
    return Page(Template.Projects.project(view))
  }

  /// Sends applications and guards anew whenever something of them changed.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let page = request.pageNumber
    // Asked once before the stream opens, so that a stranger gets the answer
    // of any other address, and then again for each change.
    _ = try await applications.list(project: project, page: page, as: context.principal)
    return try streams.open(request, context) { stream in
      for await _ in applications.changes(in: project) {
        let list = try await applications.list(
          project: project, page: page, as: context.principal)
        try stream.send(
          Template.Projects.live(
            applications: ProjectApplications(list),
            isolation: isolation(list.membership, context)))
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

  private func isolation(
    _ membership: ProjectMembership, _ context: SignedInContext
  ) -> IsolationCard {
    IsolationCard(
      projects.isolation(of: membership), of: membership, principal: context.principal,
      formToken: context.formSecret.token())
  }

  private func page(
    for form: ProjectForm, in context: SignedInContext, error: DomainError? = nil
  ) -> NewProjectPage {
    NewProjectPage(
      chrome: context.chrome("New project", section: .projects), form: form, error: error,
      principal: context.principal)
  }
}
