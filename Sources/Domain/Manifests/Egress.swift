/// Where the pods of every project may connect to, as an operator decides it.
public enum Egress: Sendable, Hashable {
  /// Anywhere.
  case open
  /// Only the cluster's DNS, pods of their own project, and the allowed
  /// networks, each in CIDR notation (`10.0.0.0/8`).
  case closed(allowed: [String])

  var isClosed: Bool { self != .open }

  var allowedNetworks: [String] {
    if case .closed(let allowed) = self { allowed } else { [] }
  }
}
