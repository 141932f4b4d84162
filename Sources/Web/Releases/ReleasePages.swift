import Domain
import Hummingbird

/// An application's releases: the list, each one with its differences, and the
/// way back to it.
struct ReleasePages: Sendable {
  /// Releases on one page of the list.
  static let pageSize = 25

  let applications: Applications
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    let own = "projects/:project/apps/:application/releases"
    pages.get("\(own)", use: index)
    pages.get("\(own)/:release", use: show)
    pages.get("\(own)/:release/rollback", use: planRollback)
    pages.post("\(own)/:release/rollback", use: rollBack)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let before = Int(request.query("before"))
    let history = try await releases.history(
      of: detail, before: before, limit: Self.pageSize + 1)
    let view = ReleaseListPage(
      chrome: context.chrome("Releases of \(detail.application.name)", section: .projects), detail,
      Array(history.prefix(Self.pageSize)), hasMore: history.count > Self.pageSize,
      isNewest: before == nil, principal: context.principal)
    return Page(Template.Releases.releases(view))
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let number = try number(context)
    let release = try await releases.release(number, of: detail)
    let history = try await releases.history(of: detail, limit: 100)
    let others = history.map(\.number).filter { $0 != number }
    let against = Int(request.query("against")) ?? others.first { $0 < number }
    var differences: [Plan.Step] = []
    if let against {
      let other = try await releases.release(against, of: detail)
      differences =
        against < number
        ? try releases.difference(from: other, to: release)
        : try releases.difference(from: release, to: other)
    }
    let view = ReleasePage(
      chrome: context.chrome("Release #\(number)", section: .projects), detail, release,
      against: against, others: others, differences: differences, principal: context.principal)
    return Page(Template.Releases.release(view))
  }

  @Sendable func planRollback(request: Request, context: SignedInContext) async throws -> Page {
    let (project, name) = try names(context)
    let number = try number(context)
    let plan = try await releases.plan(
      .rollback(to: number), of: name, in: project, as: context.principal)
    return page(plan, rollingBackTo: number, project: project, in: context, hasMoved: false)
  }

  @Sendable func rollBack(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    let number = try number(context)
    let confirmation = try await releases.deploy(
      .rollback(to: number), of: name, in: project, confirming: context.form.string("plan"),
      as: context.principal)
    switch confirmation {
    case .deployed(let release):
      return Redirect(
        to: Paths.application(name, in: project),
        flash: .notice(
          "Release #\(release.number) of \(name), back to #\(number), was started. This page follows it."
        )
      ).response(in: context)
    case .moved(let plan):
      return page(plan, rollingBackTo: number, project: project, in: context, hasMoved: true)
        .response()
    }
  }

  private func page(
    _ plan: Plan, rollingBackTo number: Int, project: String, in context: SignedInContext,
    hasMoved: Bool
  ) -> Page {
    let view = PlanPage(
      chrome: context.chrome("Back to release #\(number)", section: .projects), plan,
      rollingBackTo: number, project: project, hasMoved: hasMoved)
    return Page(Template.Releases.plan(view), status: hasMoved ? .conflict : .ok)
  }

  private func names(_ context: SignedInContext) throws -> (project: String, application: String) {
    (try context.parameter("project"), try context.parameter("application"))
  }

  private func number(_ context: SignedInContext) throws -> Int {
    guard let number = Int(try context.parameter("release")), number > 0 else {
      throw HTTPError(.notFound)
    }
    return number
  }

  private func detail(_ context: SignedInContext) async throws -> ApplicationDetail {
    let (project, name) = try names(context)
    return try await applications.application(named: name, in: project, as: context.principal)
  }
}
