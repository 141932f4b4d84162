import Kubernetes

/// What lies outside of a cluster and gives addresses: an ingress controller,
/// and the Tailscale operator.
extension Cluster {
  /// How long an address takes, in simulated seconds.
  private static let addressDelay = 1.0
  private static let tailscaleClass = "tailscale"
  private static let hostnameKey = "tailscale.com/hostname"
  /// Where the ingress controller listens.
  private static let ingressAddress = "192.168.49.2"

  /// Comes back in a moment for a Service or Ingress whose address isn't right.
  func noticeAddress(_ type: ResourceType, _ object: JSONValue) {
    guard configuration.hasProviders, !object.isTerminating, Self.hasWrongAddress(type, object)
    else { return }
    let reference = ObjectReference(type: type, key: ObjectKey(object))
    schedule(.work(.address(reference)), after: Self.addressDelay)
  }

  func giveAddress(_ reference: ObjectReference) {
    guard let live = store[reference.type, reference.key], !live.isTerminating,
      Self.hasWrongAddress(reference.type, live)
    else { return }
    let wanted = Self.address(reference.type, live)
    writeStatus(reference.type, live) { object in
      object.set(wanted.map { ["ingress": [$0]] } ?? [:], at: "status", "loadBalancer")
    }
    guard let name = wanted?["hostname"]?.string ?? wanted?["ip"]?.string else { return }
    let isService = reference.type == .service
    record(
      .init(
        on: live, reason: isService ? "EnsuredLoadBalancer" : "Sync",
        message: isService ? "Ensured load balancer \(name)" : "Scheduled for sync",
        component: isService ? "tailscale-operator" : "ingress-controller"))
  }

  private static func hasWrongAddress(_ type: ResourceType, _ object: JSONValue) -> Bool {
    let wanted: [JSONValue] = address(type, object).map { [$0] } ?? []
    return object.at("status", "loadBalancer", "ingress")?.array ?? [] != wanted
  }

  /// The address that an object shall have; `nil` when nobody gives it one.
  private static func address(_ type: ResourceType, _ object: JSONValue) -> JSONValue? {
    if type == .ingress { return ["ip": .string(ingressAddress)] }
    guard object.at("spec", "type") == "LoadBalancer",
      object.at("spec", "loadBalancerClass")?.string == tailscaleClass
    else { return nil }
    // The operator's own rule for a name that nobody chose.
    let name = object.annotations[hostnameKey] ?? "\(object.namespace)-\(object.name)"
    return ["hostname": .string("\(name).sandbox.ts.net")]
  }
}
