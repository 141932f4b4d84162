internal import Kubernetes

/// Whether an application fits into what is left of its project's quota.
enum QuotaArithmetic {
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
    // A new number of replicas is reached with old pods first, and only then
    // are they replaced (Kubernetes, Deployment controller, "scaling event").
    let replaced = isReplaced && runningReplicas > 0 ? replicas : 0
    return usage.quotas.compactMap { quota in
      guard let hard = Quantity(quota.hard), let used = Quantity(quota.used) else { return nil }
      if quota.resource == .storage {
        return storageLine(for: spec, replacing: current, used: used, hard: hard)
      }
      guard let each = perReplica(quota.resource, of: spec.resources) else { return nil }
      let old = current.flatMap { perReplica(quota.resource, of: $0.resources) } ?? .zero
      let mine = old * runningReplicas
      let needed = replaced > 0 ? most(each: each, old: old, of: spec) : each * replicas
      let others = mine < used ? used - mine : used - used
      let free = others < hard ? hard - others : hard - hard
      let what = Need(
        resource: quota.resource, each: each, replicas: replicas,
        surge: replaced > 0 ? min(spec.surge, replicas) : 0, isSameSize: old == each)
      return Plan.QuotaLine(
        resource: quota.resource, used: used.description, needed: needed.description,
        hard: hard.description, fits: needed <= free,
        sentence: sentence(what, needed: needed, free: free))
    }
  }

  /// What volumes ask for: those that are new or grow, since claims stay.
  private static func storageLine(
    for spec: ApplicationSpec, replacing current: ApplicationSpec?, used: Quantity, hard: Quantity
  ) -> Plan.QuotaLine? {
    guard !spec.volumes.isEmpty else { return nil }
    func size(_ volumes: [ApplicationSpec.Volume]) -> Quantity {
      volumes.reduce(.zero) { $0 + (Quantity($1.size) ?? .zero) }
    }
    let names = Set(spec.volumes.map(\.name))
    let needed = size(spec.volumes)
    let mine = size(current?.volumes.filter { names.contains($0.name) } ?? [])
    let others = mine < used ? used - mine : .zero
    let free = others < hard ? hard - others : .zero
    return Plan.QuotaLine(
      resource: .storage, used: used.description, needed: needed.description,
      hard: hard.description, fits: needed <= free,
      sentence: "needs \(needed) storage, \(free) left")
  }

  /// The most that is used at one time while all pods are replaced.
  ///
  /// The Deployment controller lets `o` old pods stay and makes as many new ones
  /// as `replicas + surge - o`, at most all of them. It begins with all old pods;
  /// each step may take away any number of them beyond `replicas - unavailable`,
  /// and never less. The use is linear in `o` between the points below, so one of
  /// them is the most.
  private static func most(
    each: Quantity, old: Quantity, of spec: ApplicationSpec
  ) -> Quantity {
    let (replicas, surge) = (spec.maximumReplicas, spec.surge)
    let fewest = max(0, replicas - spec.unavailable)
    return [replicas, fewest, min(surge, fewest)].map { olds in
      old * olds + each * max(0, min(replicas, replicas + surge - olds))
    }.max() ?? .zero
  }

  private static func hasOtherPods(_ new: ApplicationSpec, than old: ApplicationSpec) -> Bool {
    var same = new
    same.scaling = old.scaling
    same.update = old.update
    same.exposure = old.exposure
    same.isStopped = old.isStopped
    same.undoesFailures = old.undoesFailures
    return same != old
  }

  /// What one replica takes of a resource; nil for storage, which replicas share,
  /// and for what can't be read as a quantity.
  static func perReplica(
    _ resource: QuotaUsage.Resource, of resources: ApplicationSpec.Resources
  ) -> Quantity? {
    switch resource {
    case .cpuRequests: Quantity(resources.cpuRequest)
    case .memoryRequests: Quantity(resources.memoryRequest)
    case .memoryLimits: Quantity(resources.memoryLimit)
    case .pods: Quantity("1")
    case .storage: nil
    }
  }

  /// What a sentence is about.
  private struct Need {
    let resource: QuotaUsage.Resource
    let each: Quantity
    let replicas: Int
    /// How many pods more than wanted run while it updates.
    let surge: Int
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
      case .storage: "storage"
      }
    let each = need.each
    let update = need.surge > 0 ? " (\(need.surge) more while it updates)" : ""
    if need.resource == .pods { return "needs \(needed) \(what)\(update), \(free) left" }
    if need.surge > 0, !need.isSameSize {
      return "needs \(needed) \(what) while \(need.replicas) × \(each) replace the old pods, "
        + "\(free) left"
    }
    let count = need.replicas + need.surge
    return "needs \(count) × \(each) = \(needed) \(what)\(update), \(free) left"
  }
}
