/// What an operator decides about the manifests of all projects.
public struct ManifestSettings: Sendable, Hashable {
  /// Namespaces whose pods may reach every project's: ingress controller,
  /// tailnet operator and monitoring.
  public var admittedNamespaces = ["ingress-nginx", "tailscale", "monitoring"]
  /// Where pods may connect to.
  public var egress = Egress.open
  /// The IngressClass to ask for; nil for the cluster's default.
  public var ingressClass: String?
  /// The StorageClass to ask for; nil for the cluster's default.
  public var storageClass: String?
  /// What is added to every object.
  public var additions = ManifestAdditions()

  public init() {}
}
