import CoreMetrics
import HTTPTypes
import Hummingbird
import Synchronization

/// Counts and times requests by the template of their route, never by what
/// somebody put into the path, so that nobody can make new series.
final class RequestMetrics: RouterMiddleware {
  typealias Context = AppRequestContext

  private struct Key: Hashable {
    let route: String?
    let method: HTTPRequest.Method
    /// 2 for 200 to 299.
    let status: Int
  }

  private struct Series: Sendable {
    let count: Counter
    let duration: CoreMetrics.Timer
  }

  private static let methods: Set<HTTPRequest.Method> = [
    .get, .head, .post, .put, .patch, .delete, .options,
  ]

  private let registry: MetricsRegistry
  private let pages: CoreMetrics.Timer
  private let underWay = Atomic<Int>(0)
  private let known = Mutex<[Key: Series]>([:])

  init(registry: MetricsRegistry) {
    self.registry = registry
    pages = CoreMetrics.Timer(
      label: "babyhelm_page_render_duration_seconds", dimensions: [], factory: registry)
  }

  /// Requests that have no answer yet.
  var inFlight: Int { underWay.load(ordering: .relaxed) }

  func handle(
    _ request: Request, context: AppRequestContext, next: NextHandler
  ) async throws -> Response {
    underWay.wrappingAdd(1, ordering: .relaxed)
    defer { underWay.wrappingSubtract(1, ordering: .relaxed) }
    let start = ContinuousClock.now
    do {
      let response = try await PageRendering.$timer.withValue(pages) {
        try await next(request, context)
      }
      note(
        request.method, route: context.endpointPath, status: response.status.code, since: start)
      return response
    } catch {
      note(request.method, route: context.endpointPath, status: 500, since: start)
      throw error
    }
  }

  /// Counts and times one request that was answered.
  ///
  /// - Parameter route: as the router has it; nil where none fits.
  func note(
    _ method: HTTPRequest.Method, route: String?, status: Int,
    since start: ContinuousClock.Instant
  ) {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    let series = series(of: method, route, status)
    series.count.increment()
    series.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  private func series(of method: HTTPRequest.Method, _ route: String?, _ status: Int) -> Series {
    let key = Key(
      route: route, method: Self.methods.contains(method) ? method : .trace, status: status / 100)
    return known.withLock { known in
      if let series = known[key] { return series }
      let labels = [
        ("route", RouteTemplate.text(route)),
        ("method", Self.methods.contains(method) ? method.rawValue : "other"),
        ("status", "\(key.status)xx"),
      ]
      let series = Series(
        count: Counter(
          label: "babyhelm_http_requests_total", dimensions: labels, factory: registry),
        duration: CoreMetrics.Timer(
          label: "babyhelm_http_request_duration_seconds", dimensions: labels, factory: registry))
      known[key] = series
      return series
    }
  }
}

/// Where a page that is being made leaves how long that took: for the one task
/// that answers a request.
enum PageRendering {
  @TaskLocal static var timer: CoreMetrics.Timer?

  /// Makes a page and notes the time.
  static func measure<Made>(_ make: () throws -> Made) rethrows -> Made {
    guard let timer else { return try make() }
    let start = ContinuousClock.now
    let made = try make()
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    return made
  }
}

/// How a route is written for people: `/projects/{project}`.
enum RouteTemplate {
  /// What Hummingbird calls the route of a request for which there is none.
  private static let nothing = "NotFound"

  /// - Parameter path: as the router has it.
  /// - Returns: `none` where no route fits.
  static func text(_ path: String?) -> String {
    let parts = path?.split(separator: "/") ?? []
    guard path != nil, parts != [nothing[...]] else { return "none" }
    return "/"
      + parts.map { part in
        part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
      }.joined(separator: "/")
  }
}
