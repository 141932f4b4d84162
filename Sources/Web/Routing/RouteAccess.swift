import Domain
import HTTPTypes
import Hummingbird
import Logging

/// Refuses, before any page runs, what ``RouteTable`` doesn't grant, as far as
/// that can be said without asking about the project: a route without a row is
/// not there for anybody, so a forgotten one is closed, not open.
///
/// What depends on the role in a project is left to the services, which read it
/// in the same transaction as the thing itself.
struct RouteAccess: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    let key = RouteRule.key(request.method, context.endpointPath ?? "")
    guard let rule = RouteTable.rules[key] else {
      context.logger.error(
        "a route has no row in the table of permissions",
        metadata: [
          "route": "\(key)"
        ])
      throw HTTPError(.notFound)
    }
    switch rule.need {
    case .anyone, .signedOut, .ownToken: break
    case .signedIn, .session, .secretly: _ = try principal(context)
    case .permission(let permission):
      let principal = try principal(context)
      if !permission.isProjectPermission { try AccessTable.require(permission, of: principal) }
    }
    return try await next(request, context)
  }

  private func principal(_ context: AppRequestContext) throws(DomainError) -> Principal {
    guard let principal = context.visitor else {
      throw DomainError(.unauthenticated, "This page is for people who are signed in.")
    }
    return principal
  }
}
