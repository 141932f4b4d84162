internal import Kubernetes

/// The cluster as admins look at it.
public struct ClusterReport: Sendable {
  /// A machine that pods run on (Kubernetes API, Node).
  public struct Node: Sendable, Hashable {
    public let name: String
    /// Whether its kubelet reports that it can run pods.
    public let isReady: Bool
    /// Whether the scheduler is told to leave it alone.
    public let isUnschedulable: Bool
    /// As in `v1.36.0`.
    public let version: String
    /// What pods may use of it.
    public let capacity: ResourceAmount
    /// How many pods it takes.
    public let pods: Int
    /// What its kubelet complains about: `MemoryPressure`, for example.
    public let pressures: [String]
  }

  /// As in `v1.36.0`.
  public let version: String
  /// By name; nil when BabyHelm may not list them.
  public let nodes: [Node]?
  /// What the pods of all projects ask for.
  public let requested: ResourceAmount
  /// How many pods of projects there are.
  public let pods: Int
  /// What BabyHelm needs and may not do, as kubectl writes it.
  public let missingRights: [String]

  /// What pods may use of all nodes that take pods.
  public var capacity: ResourceAmount {
    (nodes ?? []).filter { $0.isReady && !$0.isUnschedulable }.reduce(.zero) { $0 + $1.capacity }
  }
}

extension Usage {
  /// The cluster as it is now: version, nodes, capacity, and the rights that
  /// BabyHelm lacks. Asks it some sixty questions.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable` with
  ///   what is in the way.
  public func cluster(as principal: Principal) async throws(DomainError) -> ClusterReport {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let rights = ClusterRights(client: client)
    let version = try await rights.version()
    let missing = try await rights.missing()
    let pods = clusterState.reservingPods()
    return ClusterReport(
      version: version, nodes: try await nodes(),
      requested: pods.reduce(.zero) { $0 + $1.pod.requests }, pods: pods.count,
      missingRights: missing.map(\.description))
  }

  /// That the kubeconfig, or a file that it names, can't be used as it is now;
  /// nil as long as it can. What was read before still counts then.
  ///
  /// - Throws: `forbidden` unless the principal is an admin.
  public func unusableConfiguration(
    as principal: Principal
  ) throws(DomainError) -> DomainError? {
    try AccessTable.require(.readPlatformUsage, of: principal)
    guard let problem = client.configurationProblem else { return nil }
    return DomainError(
      .unavailable, "The kubeconfig changed and can't be used, so the one before still counts.",
      advice: "Mend it on the server: \(ClusterFailure.mistake(problem)).",
      underlying: String(describing: problem))
  }

  private func nodes() async throws(DomainError) -> [ClusterReport.Node]? {
    var nodes: [ClusterReport.Node] = []
    var options = ListOptions(limit: 500)
    repeat {
      do {
        let page = try await client.list(CoreV1.Node.self, options)
        nodes += page.items.map(ClusterReport.Node.init)
        options.continueToken = page.continueToken
      } catch  where error.isForbidden {
        return nil
      } catch {
        throw ClusterFailure.domainError(error, doing: "listing the cluster's nodes")
      }
    } while options.continueToken != nil
    return nodes.sorted { $0.name < $1.name }
  }
}

extension ClusterReport.Node {
  init(_ node: CoreV1.Node) {
    name = node.metadata.name
    isReady = node.isReady
    isUnschedulable = node.isUnschedulable
    version = node.kubeletVersion
    capacity = ResourceAmount(node.allocatable)
    pods = Int(clamping: node.allocatable["pods"]?.value ?? 0)
    pressures = node.conditions.filter { $0.type != "Ready" && $0.isTrue }.map(\.type)
  }
}
