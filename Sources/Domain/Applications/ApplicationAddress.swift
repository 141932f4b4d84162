/// One way to reach an application.
public struct ApplicationAddress: Sendable, Hashable {
  /// From where.
  public enum Reach: String, Sendable, CaseIterable {
    /// Pods of the cluster that the project's network policy admits.
    case cluster
    /// Whoever reaches the ingress controller.
    case ingress
    /// The tailnet.
    case tailnet
  }

  public let reach: Reach
  /// A DNS name or an IP address.
  public let host: String
  /// 1 to 65,535.
  public let port: Int
  public let isEncrypted: Bool
  /// Whether it speaks HTTP as far as is known; otherwise there is no URL.
  public let isTCP: Bool

  /// As people copy it: `http://web.shop.svc:80`, `https://shop.example.org`.
  public var text: String {
    guard isTCP else { return "\(host):\(port)" }
    let isUsual = port == (isEncrypted ? 443 : 80) && reach != .cluster
    return "\(isEncrypted ? "https" : "http")://\(host)\(isUsual ? "" : ":\(port)")"
  }
}

extension ApplicationDetail {
  /// The ways to reach the application, as deployed; the one for the most
  /// people last. Empty without a Service.
  public var addresses: [ApplicationAddress] {
    guard let port = status.servicePort else { return [] }
    let name = application.name
    let isTCP = application.spec.mainPort?.transport != .udp
    var addresses = [
      ApplicationAddress(
        reach: .cluster, host: "\(name).\(membership.project.name).svc", port: port,
        isEncrypted: false, isTCP: isTCP)
    ]
    switch application.spec.exposure {
    case .cluster: break
    case .ingress(let host, let isEncrypted):
      addresses.append(
        ApplicationAddress(
          reach: .ingress, host: host, port: isEncrypted ? 443 : 80, isEncrypted: isEncrypted,
          isTCP: true))
    case .tailnet:
      // The operator may have given it another name than was asked for.
      for host in status.outside.prefix(1) {
        addresses.append(
          ApplicationAddress(
            reach: .tailnet, host: host, port: port, isEncrypted: false, isTCP: isTCP))
      }
    }
    return addresses
  }
}
