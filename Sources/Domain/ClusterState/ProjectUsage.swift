internal import Kubernetes

/// How much of one quota line a project uses.
public struct QuotaUsage: Sendable, Hashable {
  /// What is counted.
  public enum Resource: String, Sendable, CaseIterable {
    case cpuRequests = "requests.cpu"
    case memoryRequests = "requests.memory"
    case memoryLimits = "limits.memory"
    case pods
    case storage = "requests.storage"
  }

  public let resource: Resource
  /// Kubernetes quantities.
  public let used: String
  public let hard: String
  /// Of the quota, rounded down; over 100 when a quota was lowered below use.
  public let percent: Int
}

/// How a project does, from the live picture.
public struct ProjectUsage: Sendable, Hashable {
  public let quotas: [QuotaUsage]
}

extension ClusterState {
  /// Use of a project's quota as the cluster counts it; empty before it did.
  func usage(in namespace: String) -> ProjectUsage {
    guard let quota = read({ $0.quotas[namespace, "project"] }) else {
      return ProjectUsage(quotas: [])
    }
    let lines = QuotaUsage.Resource.allCases.compactMap { resource -> QuotaUsage? in
      guard let hardText = quota.hard[resource.rawValue], let hard = Quantity(hardText) else {
        return nil
      }
      let used = quota.used[resource.rawValue].flatMap { Quantity($0) } ?? Quantity("0")
      guard let used else { return nil }
      let percent =
        hard.milliValue > 0
        ? Int(clamping: Int128(used.milliValue) * 100 / Int128(hard.milliValue)) : 0
      return QuotaUsage(
        resource: resource, used: used.description, hard: hard.description, percent: percent)
    }
    return ProjectUsage(quotas: lines)
  }
}
