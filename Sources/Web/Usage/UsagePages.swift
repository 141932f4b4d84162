import Domain
import Hummingbird

/// What projects asked for, used and cost.
struct UsagePages: Sendable {
  let usage: Usage

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/usage", use: project)
    pages.get("admin/usage", use: platform)
  }

  @Sendable func project(request: Request, context: SignedInContext) async throws -> Page {
    let name = try context.parameter("project")
    let report = try await usage.report(of: name, over: request.range, as: context.principal)
    let view = UsagePage(
      chrome: context.chrome("Use and cost of \(name)", section: .projects), report,
      principal: context.principal)
    return Page(Template.Usage.usage(view))
  }

  @Sendable func platform(request: Request, context: SignedInContext) async throws -> Page {
    let platform = try await usage.platform(over: request.range, as: context.principal)
    let view = PlatformUsagePage(
      chrome: context.chrome("Use and cost", section: .admin), platform)
    return Page(Template.Usage.platformUsage(view))
  }
}

extension Request {
  /// What the address chooses; a day without, and for what isn't a choice.
  fileprivate var range: UsageRange { UsageRange(rawValue: query("range")) ?? .day }
}
