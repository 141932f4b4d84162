internal import Foundation
internal import Kubernetes

/// Asks Prometheus, through its HTTP API v1.
///
/// https://prometheus.io/docs/prometheus/latest/querying/api/
struct PrometheusClient: Sendable {
  /// The most series of an answer.
  static let seriesLimit = 1_000

  let settings: PrometheusSettings
  private let transport: PrometheusTransport

  init(_ settings: PrometheusSettings) {
    self.settings = settings
    transport = PrometheusTransport(settings)
  }

  /// The times of a range query: `count` steps from a start.
  struct Grid: Sendable, Hashable {
    /// Seconds since 1970.
    let start: Int
    /// In seconds.
    let step: Int
    let count: Int

    var end: Int { start + (count - 1) * step }
  }

  /// What an expression is right now.
  func query(_ expression: PromQL, within timeout: Duration) async throws(PrometheusFailure)
    -> [(labels: [String: String], value: Double)]
  {
    let data = try await ask(
      "/api/v1/query", [("query", expression.description)], within: timeout)
    return try PrometheusAnswer.vector(data)
  }

  /// What an expression is at each time of a grid.
  func query(
    _ expression: PromQL, over grid: Grid, within timeout: Duration
  ) async throws(PrometheusFailure) -> [PrometheusSeries] {
    let data = try await ask(
      "/api/v1/query_range",
      [
        ("query", expression.description), ("start", "\(grid.start)"), ("end", "\(grid.end)"),
        ("step", "\(grid.step)"),
      ], within: timeout)
    return try PrometheusAnswer.matrix(data, grid)
  }

  /// - Returns: the answer's `data`.
  private func ask(
    _ path: String, _ form: [(String, String)], within timeout: Duration
  ) async throws(PrometheusFailure) -> JSONValue {
    // It then stops working on a question that nobody waits for any more.
    let limit = ("timeout", "\(max(timeout.milliseconds, 1))ms")
    let answer = try await transport.post(path, form + [limit], within: timeout)
    return try PrometheusAnswer.data(of: answer)
  }
}
