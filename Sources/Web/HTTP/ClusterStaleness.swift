import Hummingbird

import struct Foundation.Date

/// Tells every page since when the cluster has not answered.
struct ClusterStaleness: RouterMiddleware {
  let since: @Sendable () -> Date?

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    var context = context
    context.staleSince = since()
    return try await next(request, context)
  }
}
