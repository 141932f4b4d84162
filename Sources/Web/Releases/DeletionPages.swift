import Domain
import Hummingbird

/// Deleting applications, and taking that back.
struct DeletionPages: Sendable {
  let settings: ApplicationSettingsPages
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    let own = "projects/:project/apps/:application"
    pages.post("\(own)/delete", use: delete)
    pages.post("\(own)/restore", use: restore)
    pages.get("\(own)/remove", use: confirmRemoval)
    pages.post("\(own)/remove", use: remove)
  }

  @Sendable func delete(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    do throws(DomainError) {
      try await releases.delete(
        name, typed: context.form.string("confirmation"),
        removingVolumes: context.form.isOn("removesVolumes"), in: project, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await settings.page(context, deletionError: error).response()
    }
    return Redirect(
      to: Paths.project(project),
      flash: .success(
        "\(name) is deleted. It can be restored for 7 days.",
        undo: .restoreApplication(name, project: project))
    ).response(in: context)
  }

  @Sendable func restore(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    do throws(DomainError) {
      let release = try await releases.restore(name, in: project, as: context.principal)
      return Redirect(
        to: Paths.application(name, in: project),
        flash: .success("\(name) is back; release #\(release.number) was started.")
      ).response(in: context)
    } catch {
      guard error.isFormRefusal else { throw error }
      let sentences = [error.message, error.advice].filter { !$0.isEmpty }
      return Redirect(
        to: Paths.project(project), flash: .failure(sentences.joined(separator: " "))
      ).response(in: context)
    }
  }

  @Sendable func confirmRemoval(request: Request, context: SignedInContext) async throws -> Page {
    try await removal(in: context)
  }

  @Sendable func remove(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    do throws(DomainError) {
      try await releases.removeForGood(
        name, typed: context.form.string("confirmation"), in: project, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await removal(in: context, error: error).response()
    }
    return Redirect(
      to: Paths.project(project),
      flash: .success("\(name) is being removed from the cluster.")
    ).response(in: context)
  }

  private func removal(
    in context: SignedInContext, error: DomainError? = nil
  ) async throws -> Page {
    let (project, name) = try names(context)
    let deleted = try await releases.deleted(in: project, as: context.principal)
    guard let application = deleted.first(where: { $0.name == name }) else {
      throw HTTPError(.notFound)
    }
    let view = ApplicationRemovalPage(
      chrome: context.chrome("Remove \(name)", section: .projects), application, in: project,
      error: error)
    return Page(Template.Applications.removal(view), status: error?.formStatus ?? .ok)
  }

  private func names(_ context: SignedInContext) throws -> (String, String) {
    (try context.parameter("project"), try context.parameter("application"))
  }
}
