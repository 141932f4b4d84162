internal import Kubernetes

/// Whether Prometheus has what charts need, for the operator.
public struct PrometheusCheck: Sendable, Hashable {
  public let isWrong: Bool
  /// What was found, and how to mend it where it is wrong.
  public let text: String

  /// Asks what a Prometheus has, one after the other, five seconds each.
  static func run(_ settings: PrometheusSettings) async -> [PrometheusCheck] {
    let client = PrometheusClient(settings)
    var checks: [PrometheusCheck] = []
    for need in needs {
      do throws(PrometheusFailure) {
        checks.append(try await check(need, client))
      } catch {
        let place = settings.address
        if error.isGeneral {
          return [
            PrometheusCheck(isWrong: true, text: "\(place): \(error.sentence) \(mend(error))")
          ]
        }
        checks.append(PrometheusCheck(isWrong: true, text: "\(place): \(error.text)"))
      }
    }
    return checks
  }

  private struct Need {
    let metric: PrometheusMetric
    let who: String
    /// How to get its series.
    let mend: String
    let isOptional: Bool
  }

  private static let needs = [
    Need(
      metric: .cpuSeconds, who: "cAdvisor",
      mend: "Let Prometheus scrape every kubelet's /metrics/cadvisor.", isOptional: false),
    Need(
      metric: .restarts, who: "kube-state-metrics",
      mend: "Install kube-state-metrics (version 2) and let Prometheus scrape it.",
      isOptional: false),
    Need(
      metric: .ingressRequests, who: "ingress-nginx",
      mend: "Charts of requests then need applications that export them.", isOptional: true),
  ]

  private static func check(
    _ need: Need, _ client: PrometheusClient
  ) async throws(PrometheusFailure) -> PrometheusCheck {
    let labels = client.settings.labels
    let names = labels.namespaces(of: need.metric.source)
    for name in names {
      let found = try await client.query(
        .presence(of: need.metric, in: name, labels), within: .seconds(5))
      guard let count = found.first?.value else { continue }
      return PrometheusCheck(
        isWrong: false, text: "\(Int(count)) series of \(need.who) with the label \(name)")
    }
    let all = try await client.query(.presence(of: need.metric), within: .seconds(5))
    guard let count = all.first?.value else {
      return PrometheusCheck(
        isWrong: !need.isOptional,
        text: "no series of \(need.who) (\(need.metric.rawValue)). \(need.mend)")
    }
    let label = names.map(\.description).joined(separator: " or ")
    return PrometheusCheck(
      isWrong: !need.isOptional,
      text: "\(Int(count)) series of \(need.who), but none that has the label \(label) and what "
        + "--prometheus-labels asks for. Name there what holds the namespace, like "
        + "\(need.metric.source.rawValue)-namespace=kubernetes_namespace.")
  }

  private static func mend(_ failure: PrometheusFailure) -> String {
    switch failure {
    case .notPrometheus:
      "Give --prometheus-url the address before /api/v1: for Mimir it ends in /prometheus."
    case .unreachable(.untrustedCertificate), .certificates: failure.advice
    case .credentials(let file): "\(file) must be there, readable and not empty."
    case .unauthorized: failure.advice
    default: "Compare --prometheus-url with where Prometheus listens."
    }
  }
}
