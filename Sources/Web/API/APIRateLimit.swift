import Domain
import HTTPTypes
import Hummingbird
import Synchronization

/// Bounds how often one token, or one person's sessions together, may call the
/// API: within each minute, and on each replica by itself.
final class APIRateLimit: RouterMiddleware {
  typealias Context = AppRequestContext

  private struct Count {
    var minute: Int64
    var calls: Int
  }

  /// Calls in a minute.
  let limit: Int
  private let counts = Mutex<[String: Count]>([:])
  private let now: @Sendable () -> Int64

  /// - Parameter now: seconds of a clock that only goes on.
  init(limit: Int, now: @escaping @Sendable () -> Int64 = { APIRateLimit.seconds }) {
    self.limit = limit
    self.now = now
  }

  private static let start = ContinuousClock.now
  private static var seconds: Int64 { (ContinuousClock.now - start).components.seconds }

  func handle(
    _ request: Request, context: AppRequestContext, next: NextHandler
  ) async throws -> Response {
    guard request.isAPI, let person = context.visitor else {
      return try await next(request, context)
    }
    let (left, reset) = count(Self.key(person))
    var response: Response
    if left < 0 {
      let refusal = Refusal(
        DomainError(
          .tooManyRequests, "These are more than \(limit) calls within a minute.",
          advice: "Wait until the minute is over: see Retry-After.", retryAfter: .seconds(reset)))
      response = refusal.problem(context).response()
    } else {
      response = try await next(request, context)
    }
    response.headers[Self.limitHeader] = "\(limit)"
    response.headers[Self.remainingHeader] = "\(max(0, left))"
    response.headers[Self.resetHeader] = "\(reset)"
    return response
  }

  /// - Returns: how many calls are left, negative when this is one too many, and
  ///   the seconds until there are more.
  private func count(_ key: String) -> (left: Int, reset: Int64) {
    let seconds = now()
    let minute = seconds / 60
    let calls = counts.withLock { counts in
      // Who was here in an earlier minute begins anew, so no more is kept than
      // who called within this one.
      if counts.count > 1_000 { counts = counts.filter { $0.value.minute == minute } }
      var count = counts[key] ?? Count(minute: minute, calls: 0)
      if count.minute != minute { count = Count(minute: minute, calls: 0) }
      count.calls += 1
      counts[key] = count
      return count.calls
    }
    return (limit - calls, 60 - seconds % 60)
  }

  private static func key(_ person: Principal) -> String {
    if case .token(let id, _) = person.credential { return "token \(id)" }
    return "person \(person.userID)"
  }

  // draft-ietf-httpapi-ratelimit-headers-06 §5; valid names, so the initializers
  // can't fail.
  static let limitHeader = HTTPField.Name("RateLimit-Limit") ?? .from
  static let remainingHeader = HTTPField.Name("RateLimit-Remaining") ?? .from
  static let resetHeader = HTTPField.Name("RateLimit-Reset") ?? .from
}

extension Request {
  /// Whether a program asks, who is answered in JSON whatever goes wrong.
  var isAPI: Bool { uri.path == "/api" || uri.path.hasPrefix("/api/") }
}
