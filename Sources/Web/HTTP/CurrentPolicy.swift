import Domain
import Hummingbird

/// Tells every page what the admins decided for everybody: the banner, who may
/// register, whether strangers may look around.
struct CurrentPolicy: RouterMiddleware {
  let policies: Policies

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    var context = context
    context.policy = await policies.recent()
    return try await next(request, context)
  }
}
