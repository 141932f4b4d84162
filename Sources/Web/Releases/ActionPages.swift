import Domain
import Hummingbird

/// The buttons of an application's page: each is a form that leads back to it.
struct ActionPages: Sendable {
  let applications: Applications
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    let own = "projects/:project/apps/:application"
    pages.post("\(own)/scale") { request, context in
      try await change(.scale(replicas: context.form.string("replicas")), in: context)
    }
    pages.post("\(own)/restart") { _, context in try await change(.restart, in: context) }
    pages.post("\(own)/stop") { _, context in try await change(.stop, in: context) }
    pages.post("\(own)/start") { _, context in try await change(.start, in: context) }
    pages.post("\(own)/put-back") { _, context in try await change(.putBack, in: context) }
    pages.post("\(own)/pause") { _, context in try await setPaused(true, in: context) }
    pages.post("\(own)/resume") { _, context in try await setPaused(false, in: context) }
    pages.post("\(own)/cancel", use: cancel)
  }

  private func change(
    _ change: ApplicationChange, in context: SignedInContext
  ) async throws -> Response {
    let (project, name) = try names(context)
    return try await answer(project, name, context) { () async throws(DomainError) in
      let seen = Int(context.form.string("release")) ?? 0
      let replicas = await replicas(of: name, in: project, at: seen, before: change, context)
      let release = try await releases.perform(
        change, of: name, in: project, after: seen, as: context.principal)
      guard let release else { return .notice("\(name) is as wanted already.") }
      let undo: Undo? =
        switch change {
        case .stop: .start(name, project: project, after: release.number)
        case .start: .stop(name, project: project, after: release.number)
        case .scale:
          replicas.map { .scale(name, project: project, to: $0, after: release.number) }
        default: nil
        }
      return .notice(
        "\(release.message): release #\(release.number) was started.", undo: undo)
    }
  }

  /// How many replicas an application has before it is scaled; nil where that
  /// isn't known, or no way back is wanted.
  private func replicas(
    of name: String, in project: String, at release: Int, before change: ApplicationChange,
    _ context: SignedInContext
  ) async -> Int? {
    guard case .scale = change,
      let detail = try? await applications.application(
        named: name, in: project, as: context.principal),
      detail.application.releaseNumber == release,
      // Scaling starts what was stopped, and scaling back wouldn't stop it again.
      !detail.application.spec.isStopped,
      case .fixed(let count) = detail.application.spec.scaling
    else { return nil }
    return count
  }

  private func setPaused(
    _ isPaused: Bool, in context: SignedInContext
  ) async throws -> Response {
    let (project, name) = try names(context)
    return try await answer(project, name, context) { () async throws(DomainError) in
      try await releases.setPaused(isPaused, of: name, in: project, as: context.principal)
      return .success(
        isPaused ? "The rollout of \(name) is paused." : "The rollout of \(name) goes on.")
    }
  }

  @Sendable func cancel(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    return try await answer(project, name, context) { () async throws(DomainError) in
      let number = Int(context.form.string("release")) ?? 0
      let release = try await releases.cancel(
        number, of: name, in: project, as: context.principal)
      return .success("Release #\(number) is cancelled; #\(release.number) takes its place.")
    }
  }

  /// Leads back to the application's page, with what happened or why nothing did.
  private func answer(
    _ project: String, _ name: String, _ context: SignedInContext,
    _ action: () async throws(DomainError) -> Flash
  ) async throws -> Response {
    let flash: Flash
    do throws(DomainError) {
      flash = try await action()
    } catch {
      guard error.isFormRefusal else { throw error }
      let sentences = [error.fields.first?.message ?? error.message, error.advice]
      flash = .failure(sentences.filter { !$0.isEmpty }.joined(separator: " "))
    }
    return Redirect(to: Paths.application(name, in: project), flash: flash).response(in: context)
  }

  private func names(_ context: SignedInContext) throws -> (String, String) {
    (try context.parameter("project"), try context.parameter("application"))
  }
}
