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
    usage.quotas.compactMap { quota in
      guard let hard = Quantity(quota.hard), let used = Quantity(quota.used),
        let each = perReplica(quota.resource, of: spec)
      else { return nil }
      let mine = current.flatMap { perReplica(quota.resource, of: $0) }.map {
        $0 * runningReplicas
      }
      let replicas = spec.maximumReplicas
      let extra = current == nil || replicas == 0 ? 0 : surge
      let needed = each * (replicas + extra)
      let others = mine.map { $0 < used ? used - $0 : used - used } ?? used
      let free = others < hard ? hard - others : hard - hard
      let fits = needed <= free
      return Plan.QuotaLine(
        resource: quota.resource, used: used.description, needed: needed.description,
        hard: hard.description, fits: fits,
        sentence: sentence(
          quota.resource, each: each, replicas: replicas, extra: extra, needed: needed,
          free: free))
    }
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

  private static func sentence(
    _ resource: QuotaUsage.Resource, each: Quantity, replicas: Int, extra: Int,
    needed: Quantity, free: Quantity
  ) -> String {
    let what =
      switch resource {
      case .cpuRequests: "CPU"
      case .memoryRequests: "memory"
      case .memoryLimits: "memory limit"
      case .pods: "pods"
      }
    let update = extra > 0 ? " (\(extra) more while it updates)" : ""
    if resource == .pods { return "needs \(needed) \(what)\(update), \(free) left" }
    return "needs \(replicas + extra) × \(each) = \(needed) \(what)\(update), \(free) left"
  }
}
