import HTTPTypes
public import Kubernetes
import Synchronization

/// How often a sandbox was asked for what.
public struct SandboxTraffic: Sendable {
  /// What clients do with a kind.
  public enum Verb: Sendable, Hashable {
    /// The first page of a list.
    case list
    /// A further page.
    case page
    case watch
    case get
    /// Anything that may change something.
    case write
  }

  /// A request as access control sees it.
  public struct Access: Sendable, Hashable {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or
    /// `deletecollection`; or `bind` of a role, besides writing the binding.
    public var verb: String
    /// Empty for the core group.
    public var group: String
    /// The plural.
    public var resource: String
    /// As in `log`; mostly empty.
    public var subresource: String
    /// `nil` for all namespaces, and for kinds without.
    public var namespace: String?
    /// The role that is bound; `nil` for every other verb.
    public var role: String?
  }

  private struct Key: Hashable {
    var verb: Verb
    var type: ResourceType
  }

  private var counts: [Key: Int] = [:]
  /// How often each thing was asked for, refused requests too. An apply that
  /// makes an object is a `patch` and a `create`.
  public private(set) var accesses: [Access: Int] = [:]

  /// How many requests there were, refused ones too.
  public func count(_ verb: Verb, _ type: ResourceType) -> Int {
    counts[Key(verb: verb, type: type)] ?? 0
  }

  mutating func note(_ verb: Verb, _ type: ResourceType) {
    counts[Key(verb: verb, type: type), default: 0] += 1
  }

  mutating func note(_ access: Access) { accesses[access, default: 0] += 1 }

  /// The counts as an API server's own metrics name them, for Prometheus (text
  /// format 0.0.4).
  var metrics: String {
    var sums: [String: Int] = [:]
    for (access, count) in accesses {
      let scope = access.namespace == nil ? "cluster" : "namespace"
      let labels = [
        ("group", access.group), ("resource", access.resource), ("scope", scope),
        ("subresource", access.subresource), ("verb", access.verb.uppercased()),
      ].map { "\($0)=\"\($1)\"" }.joined(separator: ",")
      sums["apiserver_request_total{\(labels)}", default: 0] += count
    }
    let lines = sums.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
    return "# TYPE apiserver_request_total counter\n" + lines.joined()
  }
}

/// Counts requests as they come.
final class TrafficCounter: Sendable {
  private let counts = Mutex(SandboxTraffic())

  var traffic: SandboxTraffic { counts.withLock(\.self) }

  func note(_ request: APIRequest, _ target: APITarget) {
    counts.withLock { $0.note(Self.verb(request, target), target.kind.type) }
    note(AccessCheck.verb(of: request, target), target)
  }

  func note(_ verb: String, _ target: APITarget) {
    let type = target.kind.type
    let access = SandboxTraffic.Access(
      verb: verb, group: type.group, resource: type.plural,
      subresource: target.subresource ?? "", namespace: target.namespace)
    counts.withLock { $0.note(access) }
  }

  /// Notes that a binding gives somebody a role.
  func noteBinding(of role: JSONValue, namespace: String?) {
    let access = SandboxTraffic.Access(
      verb: "bind", group: "rbac.authorization.k8s.io",
      resource: role["kind"] == "Role" ? "roles" : "clusterroles", subresource: "",
      namespace: namespace, role: role["name"]?.string)
    counts.withLock { $0.note(access) }
  }

  private static func verb(_ request: APIRequest, _ target: APITarget) -> SandboxTraffic.Verb {
    guard request.method == .get else { return .write }
    if target.name != nil { return .get }
    if request.flag("watch") { return .watch }
    return request.query["continue"]?.isEmpty ?? true ? .list : .page
  }
}
