import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Where Alertmanager sends (`webhook_config`). Its own token admits it, no
/// session and no API token does.
struct AlertHook: Sendable {
  let alerts: Alerts
  let rate: HookRate

  init(alerts: Alerts, rate: HookRate = HookRate()) {
    self.alerts = alerts
    self.rate = rate
  }

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.post("hooks/alertmanager", use: receive)
  }

  /// Nothing of a message is read before its token is known to be right.
  @Sendable func receive(request: Request, context: AppRequestContext) async throws -> Response {
    guard rate.admits() else {
      throw DomainError(
        .tooManyRequests, "These are more than \(rate.limit) messages within a minute.",
        advice: "Raise group_interval in Alertmanager's route.", retryAfter: .seconds(60))
    }
    guard let token = request.bearerToken, !token.isEmpty, try await alerts.admits(token: token)
    else {
      return Response(
        status: .unauthorized,
        headers: [.wwwAuthenticate: "Bearer", .contentLength: "0", .connection: "close"])
    }
    let body = try await FormReading.collect(request, upTo: Alerts.largestMessage)
    try await alerts.receive(Array(body.readableBytesView))
    return Response(status: .noContent)
  }
}

/// Bounds how many messages are looked at within a minute, good or bad, on each
/// replica by itself: looking up a token costs a question to the database.
final class HookRate: Sendable {
  let limit: Int
  private let count = Mutex<(minute: Int64, messages: Int)>((0, 0))
  private let start = ContinuousClock.now

  init(limit: Int = 600) { self.limit = limit }

  func admits() -> Bool {
    let minute = (ContinuousClock.now - start).components.seconds / 60
    return count.withLock { count in
      if count.minute != minute { count = (minute, 0) }
      count.messages += 1
      return count.messages <= limit
    }
  }
}
