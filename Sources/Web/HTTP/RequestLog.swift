import HTTPTypes
import Hummingbird
import Logging

/// One log line a request: what was asked, the answer and how long it took.
/// Never the query, a cookie or a form, which hold what people typed.
struct RequestLog: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    let start = ContinuousClock.now
    let response = try await next(request, context)
    let duration = ContinuousClock.now - start
    let (seconds, fraction) = duration.components
    let milliseconds = Double(seconds) * 1_000 + (Double(fraction) / 1e13).rounded() / 100
    context.logger.info(
      "\(request.method.rawValue) \(request.uri.path) \(response.status.code)",
      metadata: ["ms": "\(milliseconds)", "address": "\(context.clientAddress)"])
    return response
  }
}
