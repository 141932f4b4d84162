import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// Where Alertmanager sends (`webhook_config`). Its own token admits it, no
/// session and no API token does.
struct AlertHook: Sendable {
  let alerts: Alerts

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.post("hooks/alertmanager", use: receive)
  }

  /// Nothing of a message is read before its token is known to be right.
  @Sendable func receive(request: Request, context: AppRequestContext) async throws -> Response {
    guard try await alerts.admits(token: request.bearerToken, from: context.clientAddress) else {
      return Response(
        status: .unauthorized,
        headers: [.wwwAuthenticate: "Bearer", .contentLength: "0", .connection: "close"])
    }
    let body = try await FormReading.collect(request, upTo: Alerts.largestMessage)
    try await alerts.receive(Array(body.readableBytesView))
    return Response(status: .noContent)
  }
}
