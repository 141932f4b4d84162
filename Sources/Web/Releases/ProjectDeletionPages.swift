import Domain
import Hummingbird

/// Deleting projects, and taking that back.
struct ProjectDeletionPages: Sendable {
  let projects: Projects
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    let own = "projects/:project"
    pages.get("\(own)/settings", use: settings)
    pages.post("\(own)/delete", use: delete)
    pages.get("\(own)/deleted", use: deleted)
    pages.post("\(own)/restore", use: restore)
    pages.post("\(own)/remove", use: remove)
  }

  @Sendable func settings(request: Request, context: SignedInContext) async throws -> Page {
    try await settings(in: context)
  }

  @Sendable func delete(request: Request, context: SignedInContext) async throws -> Response {
    let name = try context.parameter("project")
    let form = context.form
    do throws(DomainError) {
      try await releases.deleteProject(
        name, typed: form.string("confirmation"),
        includingApplications: form.isOn("includesApplications"),
        removingVolumes: form.isOn("removesVolumes"), as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await settings(in: context, error: error).response()
    }
    return Redirect(
      to: Paths.deletedProject(name),
      flash: .success(
        "\(name) is deleted. It can be restored for 7 days.",
        // What a visitor tried goes at once.
        undo: context.principal.role == .visitor ? nil : .restoreProject(name))
    ).response(in: context)
  }

  @Sendable func deleted(request: Request, context: SignedInContext) async throws -> Response {
    let name = try context.parameter("project")
    do throws(DomainError) {
      return try await deleted(in: context).response()
    } catch {
      // Whoever waits here for it to go, or to come back, is led on.
      guard error.reason == .notFound else { throw error }
      let isBack = (try? await projects.project(named: name, as: context.principal)) != nil
      return Redirect(to: isBack ? Paths.project(name) : Paths.projects).response(in: context)
    }
  }

  @Sendable func restore(request: Request, context: SignedInContext) async throws -> Response {
    let name = try context.parameter("project")
    do throws(DomainError) {
      try await releases.restoreProject(name, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      let sentences = [error.message, error.advice].filter { !$0.isEmpty }
      return Redirect(
        to: Paths.projects, flash: .failure(sentences.joined(separator: " "))
      ).response(in: context)
    }
    return Redirect(
      to: Paths.project(name),
      flash: .success("\(name) is back; its applications start within seconds.")
    ).response(in: context)
  }

  @Sendable func remove(request: Request, context: SignedInContext) async throws -> Response {
    let name = try context.parameter("project")
    do throws(DomainError) {
      try await releases.removeProject(
        name, typed: context.form.string("confirmation"), as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await deleted(in: context, error: error).response()
    }
    return Redirect(
      to: Paths.deletedProject(name), flash: .success("\(name) is being removed.")
    ).response(in: context)
  }

  private func settings(
    in context: SignedInContext, error: DomainError? = nil
  ) async throws -> Page {
    let name = try context.parameter("project")
    let contents = try await releases.contents(of: name, as: context.principal)
    let view = ProjectSettingsPage(
      chrome: context.chrome("Settings of \(name)", section: .projects), contents,
      form: context.form, error: error, principal: context.principal)
    return Page(Template.Projects.projectSettings(view), status: error?.formStatus ?? .ok)
  }

  private func deleted(
    in context: SignedInContext, error: DomainError? = nil
  ) async throws(DomainError) -> Page {
    guard let name = try? context.parameter("project") else {
      throw DomainError(.notFound, "There is no such project.")
    }
    let project = try await projects.deleted(named: name, as: context.principal)
    let view = DeletedProjectPage(
      chrome: context.chrome("\(name), deleted", section: .projects), project,
      remains: await releases.remains(of: project), error: error)
    return Page(Template.Projects.deletedProject(view), status: error?.formStatus ?? .ok)
  }
}
