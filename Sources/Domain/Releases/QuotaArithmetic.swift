internal import Kubernetes

/// Whether an application fits into what is left of its project's quota.
enum QuotaArithmetic {
  /// The pods a rolling update may run beside the wanted ones (`maxSurge` of
  /// the Deployment template).
  static let surge = 1

  /// One line for each resource the quota limits.
  ///
  /// - Parameters:
  ///   - current: what runs of the application already; its share is part of
  ///     the use and becomes free.
  ///   - runningReplicas: how many pods of it count against the quota now.
  static func lines(
    for spec: ApplicationSpec, replacing current: ApplicationSpec?, runningReplicas: Int,
    usage: ProjectUsage
  ) -> [Plan.QuotaLine] {
    // Pods whose template stays the same are kept.
    let isReplaced = current.map { hasOtherPods(spec, than: $0) } ?? false
    let replicas = spec.maximumReplicas
    let replaced = isReplaced ? min(runningReplicas, replicas) : 0
    return usage.quotas.compactMap { quota in
      guard let hard = Quantity(quota.hard), let used = Quantity(quota.used),
        let each = perReplica(quota.resource, of: spec)
      else { return nil }
      let old = current.flatMap { perReplica(quota.resource, of: $0) } ?? .zero
      let mine = old * runningReplicas
      let needed = most(each: each, replicas: replicas, old: old, replaced: replaced)
      let others = mine < used ? used - mine : used - used
      let free = others < hard ? hard - others : hard - hard
      let what = Need(
        resource: quota.resource, each: each, replicas: replicas,
        isReplacing: replaced > 0, isSameSize: old == each)
      return Plan.QuotaLine(
        resource: quota.resource, used: used.description, needed: needed.description,
        hard: hard.description, fits: needed <= free,
        sentence: sentence(what, needed: needed, free: free))
    }
  }

  /// The most that is used at one time. While pods are replaced, one more of
  /// them runs than is wanted: at first a new one beside the old ones, at the
  /// end an old one beside the new ones.
  private static func most(
    each: Quantity, replicas: Int, old: Quantity, replaced: Int
  ) -> Quantity {
    let first = old * replaced + each * min(replicas + surge - replaced, replicas)
    let last = old * min(replaced, surge) + each * replicas
    return max(first, last)
  }

  private static func hasOtherPods(_ new: ApplicationSpec, than old: ApplicationSpec) -> Bool {
    old.image != new.image || old.port != new.port || old.resources != new.resources
      || old.environment != new.environment
  }

  private static func perReplica(
    _ resource: QuotaUsage.Resource, of spec: ApplicationSpec
  ) -> Quantity? {
    switch resource {
    case .cpuRequests: Quantity(spec.resources.cpuRequest)
    case .memoryRequests: Quantity(spec.resources.memoryRequest)
    case .memoryLimits: Quantity(spec.resources.memoryLimit)
    case .pods: Quantity("1")
    }
  }

  /// What a sentence is about.
  private struct Need {
    let resource: QuotaUsage.Resource
    let each: Quantity
    let replicas: Int
    let isReplacing: Bool
    /// Whether an old pod uses as much as a new one.
    let isSameSize: Bool
  }

  private static func sentence(_ need: Need, needed: Quantity, free: Quantity) -> String {
    let what =
      switch need.resource {
      case .cpuRequests: "CPU"
      case .memoryRequests: "memory"
      case .memoryLimits: "memory limit"
      case .pods: "pods"
      }
    let each = need.each
    let update = need.isReplacing ? " (\(surge) more while it updates)" : ""
    if need.resource == .pods { return "needs \(needed) \(what)\(update), \(free) left" }
    if need.isReplacing, !need.isSameSize {
      return "needs \(needed) \(what) while \(need.replicas) × \(each) replace the old pods, "
        + "\(free) left"
    }
    let count = need.replicas + (need.isReplacing ? surge : 0)
    return "needs \(count) × \(each) = \(needed) \(what)\(update), \(free) left"
  }
}
