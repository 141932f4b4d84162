internal import Foundation
internal import Kubernetes

/// What pods use right now, as somebody measured it.
protocol UsageSource: Sendable {
  /// - Returns: the use of each pod by namespace and name; nil when nobody
  ///   measures.
  /// - Throws: `unavailable` with the reason in a sentence.
  func use() async throws(DomainError) -> [ObjectKey: ResourceAmount]?
}

/// Asks the cluster's metrics server (`metrics.k8s.io`).
struct MetricsServer: UsageSource {
  let client: KubernetesClient

  func use() async throws(DomainError) -> [ObjectKey: ResourceAmount]? {
    let list: ResourceList<MetricsV1beta1.PodMetrics>
    do {
      list = try await client.list(
        MetricsV1beta1.PodMetrics.self,
        ListOptions(
          labelSelector: "\(ManifestBuilder.managedByLabel)=\(ManifestBuilder.managedByValue)"))
    } catch  where error.isNotFound {
      return nil
    } catch  where error.isMissingRight {
      throw DomainError(
        .unavailable, "BabyHelm may not list pods.metrics.k8s.io on the cluster.",
        advice: "An operator grants that right with deploy/rbac.yaml.", underlying: "\(error)")
    } catch {
      throw DomainError(
        .unavailable, "The cluster's metrics server didn't answer.",
        advice: "It is asked again in a minute.", underlying: "\(error)")
    }
    var use: [ObjectKey: ResourceAmount] = [:]
    for pod in list.items {
      // A pod that just started is listed without its containers.
      guard let namespace = pod.metadata.namespace, !pod.containers.isEmpty else { continue }
      use[ObjectKey(namespace: namespace, name: pod.metadata.name)] = pod.containers
        .reduce(.zero) { $0 + ResourceAmount($1.usage) }
    }
    return use
  }
}
