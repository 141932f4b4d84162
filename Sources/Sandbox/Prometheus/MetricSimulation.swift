import Foundation
import Kubernetes

/// What cAdvisor, kube-state-metrics and ingress-nginx would tell of the
/// cluster's objects.
///
/// Pods that run now had others before them, so that a month has something to
/// show on the first day: each Deployment's pods are followed back as if it had
/// been rolled out every few days.
struct MetricSimulation: Sendable {
  let cluster: Cluster
  /// Seconds since 1970.
  let now: Double

  /// How far back there is something.
  static let past = 31.0 * 86_400

  /// The series of a selector's metric, in its namespace if it names one; the
  /// matchers are looked at afterwards.
  func series(_ selector: PromQLSelector) async throws -> [SimulatedSeries] {
    let namespace = selector.namespace
    switch selector.metric {
    case let name where name.hasPrefix("container_"):
      return try await containers(name, in: namespace)
    case let name where name.hasPrefix("kube_pod_"): return try await pods(name, in: namespace)
    case let name where name.hasPrefix("kube_deployment_"):
      return try await deployments(name, in: namespace)
    case "kube_horizontalpodautoscaler_spec_max_replicas":
      return try await objects(.horizontalPodAutoscaler, namespace).compactMap { scaler in
        scaler.at("spec", "maxReplicas")?.double.map { maximum in
          SimulatedSeries(
            ["namespace": scaler.namespace, "horizontalpodautoscaler": scaler.name],
            .gauge { _ in maximum })
        }
      }
    case "kube_resourcequota": return try await quotas(in: namespace)
    case let name where name.hasPrefix("kubelet_volume_stats_"):
      return try await volumes(name, in: namespace)
    case let name where name.hasPrefix("nginx_ingress_controller_"):
      return try await ingresses(name, in: namespace)
    default: return []
    }
  }

  private func objects(_ type: ResourceType, _ namespace: String?) async throws -> [JSONValue] {
    try await cluster.list(type, ListQuery(namespace: namespace)).items
  }

  // MARK: Load

  /// How busy everything is, 0 to 1: the load that the metrics server tells of,
  /// and longer ago a day's and night's change on top of it.
  private func load() async -> @Sendable (Double) -> Double {
    let wave = await cluster.loadWave
    let now = now
    return { time in
      let daily = 0.6 + 0.4 * sin(2 * .pi * time / 86_400)
      let share = min(max((now - time) / 3600 - 1, 0), 1)
      return wave(time) * (1 - share + share * daily)
    }
  }

  // MARK: Pods

  /// A pod at some time.
  private struct Life {
    let object: JSONValue
    let name: String
    let start: Double
    let end: Double
    var isNow: Bool { end == .infinity }
  }

  /// The pods that are there, and those that were before them.
  private func lives(in namespace: String?) async throws -> [Life] {
    try await objects(.pod, namespace).flatMap { pod -> [Life] in
      let start =
        pod.at("metadata", "creationTimestamp")?.string.flatMap { Timestamp.date($0) }
        .map(\.timeIntervalSince1970) ?? now
      let life = Life(object: pod, name: pod.name, start: start, end: .infinity)
      guard let application = pod.at("metadata", "labels", "app.kubernetes.io/name")?.string,
        pod.name.hasPrefix("\(application)-"), pod.at("status", "phase") == "Running"
      else { return [life] }
      return [life] + ancestors(of: life, application)
    }
  }

  private func ancestors(of life: Life, _ application: String) -> [Life] {
    var lives: [Life] = []
    var end = life.start
    // The pods of one Deployment are replaced together.
    var template = String(life.name.split(separator: "-").dropLast().joined(separator: "-"))
    let suffix = life.name.suffix(5)
    while end > now - Self.past {
      let hash = StableHash.fnv64(template.utf8)
      let start = end - Double(40_000 + hash % 300_000)
      template = "\(application)-\(StableHash.label(template.utf8))"
      lives.append(
        Life(object: life.object, name: "\(template)-\(suffix)", start: start, end: end))
      end = start
    }
    return lives
  }

  private func containers(
    _ metric: String, in namespace: String?
  ) async throws -> [SimulatedSeries] {
    let load = await load()
    return try await lives(in: namespace).flatMap { life -> [SimulatedSeries] in
      guard life.object.at("status", "phase") == "Running", !Metrics.isUnmeasured(life.object)
      else { return [] }
      var labels = ["namespace": life.object.namespace, "pod": life.name]
      if metric.hasPrefix("container_network_") {
        labels["interface"] = "eth0"
        let isSent = metric.contains("transmit")
        return [
          SimulatedSeries(
            labels, start: life.start, end: life.end,
            .counter { 2_000 + (isSent ? 60_000 : 20_000) * load($0) })
        ]
      }
      return (life.object.at("spec", "containers")?.array ?? []).compactMap { container in
        labels["container"] = container["name"]?.string ?? ""
        return self.container(metric, container, life, labels, load)
      }
    }
  }

  private func container(
    _ metric: String, _ container: JSONValue, _ life: Life, _ labels: [String: String],
    _ load: @escaping @Sendable (Double) -> Double
  ) -> SimulatedSeries? {
    let use = Metrics.use(of: container, in: life.name)
    let limit = amount(container, "limits", "cpu")
    func made(_ value: SimulatedSeries.Value) -> SimulatedSeries {
      SimulatedSeries(labels, start: life.start, end: life.end, value)
    }
    switch metric {
    case "container_cpu_usage_seconds_total": return made(.counter { use(load($0)).cores })
    case "container_memory_working_set_bytes": return made(.gauge { use(load($0)).bytes })
    case "container_cpu_cfs_periods_total": return limit.map { _ in made(.counter { _ in 10 }) }
    case "container_cpu_cfs_throttled_periods_total":
      return limit.map { limit in
        made(.counter { time in 10 * min(max(use(load(time)).cores / limit - 0.5, 0), 1) })
      }
    default: return nil
    }
  }

  private func amount(_ container: JSONValue, _ kind: String, _ resource: String) -> Double? {
    container.at("resources", kind)?[resource]?.string.flatMap { Quantity($0) }?.doubleValue
  }

  private func pods(_ metric: String, in namespace: String?) async throws -> [SimulatedSeries] {
    let now = now
    return try await lives(in: namespace).flatMap { life -> [SimulatedSeries] in
      let labels = ["namespace": life.object.namespace, "pod": life.name]
      func made(_ more: [String: String], _ value: SimulatedSeries.Value) -> SimulatedSeries {
        SimulatedSeries(
          labels.merging(more) { $1 }, start: life.start, end: life.end, value)
      }
      if metric == "kube_pod_status_phase" {
        let phase = life.object.at("status", "phase")?.string
        return ["Pending", "Running", "Succeeded", "Failed", "Unknown"].map { name in
          made(["phase": name], .gauge { _ in name == phase ? 1 : 0 })
        }
      }
      let containers = life.object.at("spec", "containers")?.array ?? []
      if metric == "kube_pod_container_status_restarts_total" {
        return (life.object.at("status", "containerStatuses")?.array ?? []).map { status in
          let count = life.isNow ? status["restartCount"]?.double ?? 0 : 0
          let start = life.start
          return made(
            ["container": status["name"]?.string ?? ""],
            // As if they had come at even distances.
            .gauge { (count * (($0 - start) / Swift.max(now - start, 1))).rounded(.down) })
        }
      }
      let kind =
        switch metric {
        case "kube_pod_container_resource_requests": "requests"
        case "kube_pod_container_resource_limits": "limits"
        default: ""
        }
      return containers.flatMap { container in
        ["cpu", "memory"].compactMap { resource in
          amount(container, kind, resource).map { amount in
            made(
              ["container": container["name"]?.string ?? "", "resource": resource],
              .gauge { _ in amount })
          }
        }
      }
    }
  }

  // MARK: Everything else

  private func deployments(
    _ metric: String, in namespace: String?
  ) async throws -> [SimulatedSeries] {
    let now = now
    return try await objects(.deployment, namespace).compactMap { deployment in
      let labels = ["namespace": deployment.namespace, "deployment": deployment.name]
      let wanted = deployment.at("spec", "replicas")?.double ?? 1
      let ready = deployment.at("status", "readyReplicas")?.double ?? 0
      switch metric {
      case "kube_deployment_spec_replicas": return SimulatedSeries(labels, .gauge { _ in wanted })
      case "kube_deployment_status_replicas_ready":
        // What isn't ready hasn't been for five minutes.
        return SimulatedSeries(labels, .gauge { $0 > now - 300 ? ready : wanted })
      default: return nil
      }
    }
  }

  private func quotas(in namespace: String?) async throws -> [SimulatedSeries] {
    try await objects(.resourceQuota, namespace).flatMap { quota in
      ["hard", "used"].flatMap { type -> [SimulatedSeries] in
        guard case .object(let amounts)? = quota.at("status", type) else { return [] }
        return amounts.compactMap { resource, value in
          value.string.flatMap { Quantity($0) }.map { amount in
            let value = amount.doubleValue
            return SimulatedSeries(
              [
                "namespace": quota.namespace, "resourcequota": quota.name, "resource": resource,
                "type": type,
              ], .gauge { _ in value })
          }
        }
      }
    }
  }

  private func volumes(_ metric: String, in namespace: String?) async throws -> [SimulatedSeries] {
    let now = now
    return try await objects(.persistentVolumeClaim, namespace).compactMap { claim in
      guard claim.at("status", "phase") == "Bound",
        let size = claim.at("spec", "resources", "requests", "storage")?.string
          .flatMap({ Quantity($0) })?.doubleValue
      else { return nil }
      let labels = ["namespace": claim.namespace, "persistentvolumeclaim": claim.name]
      let share = 0.2 + 0.6 * Double(StableHash.fnv64(claim.name.utf8) % 100) / 100
      switch metric {
      case "kubelet_volume_stats_capacity_bytes":
        return SimulatedSeries(labels, .gauge { _ in size })
      case "kubelet_volume_stats_used_bytes":
        // It fills up slowly.
        return SimulatedSeries(
          labels, .gauge { size * share * (1 - 0.4 * min(max((now - $0) / Self.past, 0), 1)) })
      default: return nil
      }
    }
  }

  private func ingresses(
    _ metric: String, in namespace: String?
  ) async throws -> [SimulatedSeries] {
    let load = await load()
    return try await objects(.ingress, namespace).flatMap { ingress -> [SimulatedSeries] in
      let labels = ["exported_namespace": ingress.namespace, "ingress": ingress.name]
      let most = 5 + Double(StableHash.fnv64(ingress.name.utf8) % 40)
      func made(_ more: [String: String], _ share: Double) -> SimulatedSeries {
        SimulatedSeries(
          labels.merging(more) { $1 }, .counter { most * (0.1 + load($0)) * share })
      }
      switch metric {
      case "nginx_ingress_controller_requests":
        return [("200", 0.95), ("404", 0.04), ("500", 0.01)].map { made(["status": $0], $1) }
      case "nginx_ingress_controller_request_duration_seconds_bucket":
        return ["0.01", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf"].map { bound in
          made(["le": bound], 1 - exp(-(Double(bound) ?? .infinity) / 0.08))
        }
      default: return []
      }
    }
  }
}
