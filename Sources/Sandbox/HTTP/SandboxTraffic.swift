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

  private struct Key: Hashable {
    var verb: Verb
    var type: ResourceType
  }

  private var counts: [Key: Int] = [:]

  /// How many requests there were, refused ones too.
  public func count(_ verb: Verb, _ type: ResourceType) -> Int {
    counts[Key(verb: verb, type: type)] ?? 0
  }

  mutating func note(_ verb: Verb, _ type: ResourceType) {
    counts[Key(verb: verb, type: type), default: 0] += 1
  }
}

/// Counts requests as they come.
final class TrafficCounter: Sendable {
  private let counts = Mutex(SandboxTraffic())

  var traffic: SandboxTraffic { counts.withLock(\.self) }

  func note(_ request: APIRequest, _ target: APITarget) {
    counts.withLock { $0.note(Self.verb(request, target), target.kind.type) }
  }

  private static func verb(_ request: APIRequest, _ target: APITarget) -> SandboxTraffic.Verb {
    guard request.method == .get else { return .write }
    if target.name != nil { return .get }
    if request.flag("watch") { return .watch }
    return request.query["continue"]?.isEmpty ?? true ? .list : .page
  }
}
