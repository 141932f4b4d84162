import Domain
import Foundation
import Synchronization

/// All that `/metrics` tells: what was counted, and what is read for the
/// answer.
final class ServerMetrics: Sendable {
  /// How long what the database was asked is told again.
  static let memory: Duration = .seconds(5)

  let registry: MetricsRegistry
  private let services: Services
  private let build: MetricReading
  private let census = Mutex<(readings: [MetricReading], at: ContinuousClock.Instant)?>(nil)

  init(services: Services, isSandbox: Bool) {
    registry = services.metrics
    self.services = services
    build = MetricReading(
      "babyhelm_build_info",
      [
        ("version", Version.text), ("database", services.traffic.dialect.rawValue),
        ("cluster", isSandbox ? "sandbox" : "real"),
      ], 1)
  }

  /// The answer to a scrape. What can't be read is left out, so that a database
  /// that is away doesn't hide everything else.
  func text(as format: MetricsText.Format) async -> String {
    let readings =
      [build] + served + traffic + cluster + ProcessReadings.now() + (await counted())
    return MetricsText.write(registry, readings, as: format)
  }

  private var served: [MetricReading] {
    [
      MetricReading(
        "babyhelm_http_requests_in_flight", [], Double(services.requests.inFlight)),
      MetricReading("babyhelm_event_streams_open", [], Double(services.streams.openCount)),
      MetricReading("babyhelm_log_streams_open", [], Double(services.domain.logs.openCount)),
    ]
  }

  private var traffic: [MetricReading] {
    let traffic = services.traffic
    return [
      MetricReading("babyhelm_database_connections_max", [], Double(traffic.connectionLimit)),
      MetricReading("babyhelm_database_connections_in_use", [], Double(traffic.inUse)),
      MetricReading("babyhelm_database_transactions_waiting", [], Double(traffic.waiting)),
      MetricReading("babyhelm_clock_skew_seconds", [], services.clockSkew()),
    ]
  }

  private var cluster: [MetricReading] {
    let state = services.domain.clusterState
    var readings = [
      MetricReading("babyhelm_cluster_stale", [], state.staleSince == nil ? 0 : 1)
    ]
    for following in state.followings {
      let kind = [("kind", following.kind)]
      readings += [
        MetricReading("babyhelm_reflector_lag_seconds", kind, following.lag),
        MetricReading("babyhelm_reflector_relists_total", kind, Double(following.lists)),
        MetricReading("babyhelm_reflector_failures_total", kind, Double(following.failures)),
      ]
    }
    return readings
  }

  private func counted() async -> [MetricReading] {
    let now = ContinuousClock.now
    if let known = census.withLock({ $0 }), now - known.at < Self.memory { return known.readings }
    guard let count = try? await services.domain.census.count() else { return [] }
    let readings = Self.readings(of: count)
    census.withLock { $0 = (readings, now) }
    return readings
  }

  private static func readings(of count: Census.Count) -> [MetricReading] {
    [
      MetricReading("babyhelm_sessions", [], Double(count.sessions)),
      MetricReading("babyhelm_projects", [], Double(count.projects)),
      MetricReading("babyhelm_applications", [], Double(count.applications)),
      MetricReading("babyhelm_operation_oldest_seconds", [], count.oldestOperation),
      MetricReading("babyhelm_deliveries_waiting", [], Double(count.waitingDeliveries)),
    ]
      + count.operations.map {
        MetricReading("babyhelm_operations", [("state", $0.name)], Double($0.count))
      }
      + count.alerts.map {
        MetricReading("babyhelm_alerts", [("severity", $0.name)], Double($0.count))
      }
      + count.users.map { MetricReading("babyhelm_users", [("role", $0.name)], Double($0.count)) }
  }
}
