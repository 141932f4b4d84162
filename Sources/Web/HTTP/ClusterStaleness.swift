import Domain
import Hummingbird

/// Tells every page since when, and why, the cluster has not answered.
struct ClusterStaleness: RouterMiddleware {
  let silence: @Sendable () -> ClusterSilence?

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    var context = context
    context.silence = silence()
    return try await next(request, context)
  }
}
