internal import Kubernetes

/// What an application would take of its project's quota, while its form is
/// still being filled in. The plan says it exactly; this is the arithmetic of
/// what stands in the fields.
public struct QuotaPreview: Sendable, Hashable {
  /// One resource that the quota limits.
  public struct Share: Sendable, Hashable {
    public let resource: QuotaUsage.Resource
    /// Of all replicas, as Kubernetes writes it; nil as long as a field can't be
    /// read.
    public let needed: String?
    /// What stays free afterwards; at least zero.
    public let left: String?
    public let hard: String
    public let fits: Bool
    /// What is free for this application, in cores, bytes or pods: for who goes on
    /// computing.
    public let free: Double
  }

  /// In the order of ``QuotaUsage/Resource``; storage isn't among them.
  public let shares: [Share]

  /// - Parameters:
  ///   - usage: what the cluster counts; without quotas there are no shares.
  ///   - current: the specification that is replaced: what its pods use is free.
  ///   - running: how many pods of it are counted.
  init(
    _ draft: ApplicationDraft, usage: ProjectUsage, replacing current: ApplicationSpec? = nil,
    running: Int = 0
  ) {
    let replicas = Int(
      (draft.isAutoscaled ? draft.maximumReplicas : draft.replicas).trimmingSpaces()
    )
    .flatMap { (0...100_000).contains($0) ? $0 : nil }
    let resources = draft.resources
    shares = usage.quotas.compactMap { quota in
      guard quota.resource != .storage, let hard = Quantity(quota.hard),
        let used = Quantity(quota.used)
      else { return nil }
      let old = current.flatMap { QuotaArithmetic.perReplica(quota.resource, of: $0.resources) }
      let mine = (old ?? .zero) * running
      let others = mine < used ? used - mine : used - used
      let free = others < hard ? hard - others : hard - hard
      let needed = replicas.flatMap { count in
        QuotaArithmetic.perReplica(quota.resource, of: resources).map { $0 * count }
      }
      return Share(
        resource: quota.resource, needed: needed?.description,
        left: needed.map { ($0 < free ? free - $0 : free - free).description },
        hard: hard.description, fits: needed.map { $0 <= free } ?? true, free: free.doubleValue)
    }
  }
}

extension ApplicationDraft {
  /// What stands in the fields, whether it can be read or not.
  fileprivate var resources: ApplicationSpec.Resources {
    ApplicationSpec.Resources(
      cpuRequest: cpuRequest.trimmingSpaces(), memoryRequest: memoryRequest.trimmingSpaces(),
      memoryLimit: memoryLimit.trimmingSpaces())
  }
}

extension Applications {
  /// What a draft would take of the quota of a project that the principal was
  /// let into.
  ///
  /// - Parameter name: of the application that it changes; nil for a new one.
  /// - Throws: `unavailable`.
  public func preview(
    of draft: ApplicationDraft, in membership: ProjectMembership, replacing name: String? = nil
  ) async throws(DomainError) -> QuotaPreview {
    let project = membership.project
    let usage = usage(of: project)
    guard let name, !usage.quotas.isEmpty else { return QuotaPreview(draft, usage: usage) }
    let current = try await reading { [self] connection, _, _ in
      try find(name, in: project.id, in: connection)
    }
    return QuotaPreview(
      draft, usage: usage, replacing: current?.spec,
      running: runningPods(of: name, in: project.name))
  }
}
