public import Foundation
internal import Synchronization

/// The live picture of the cluster, which pages read and never wait for.
///
/// ``ClusterStateFeed`` keeps it; several pages and the deployer read it at the
/// same time.
public final class ClusterState: Sendable {
  /// The state behind the lock.
  struct Picture: Sendable {
    var namespaces = ObjectTable<NamespaceRecord>()
    var deployments = ObjectTable<DeploymentRecord>()
    var replicaSets = ObjectTable<ReplicaSetRecord>()
    var pods = ObjectTable<PodStatus>()
    var services = ObjectTable<ServiceRecord>()
    var endpointSlices = ObjectTable<EndpointSliceRecord>()
    var autoscalers = ObjectTable<AutoscalerRecord>()
    var quotas = ObjectTable<QuotaRecord>()
    var warnings: [String: [WarningRecord]] = [:]
  }

  private struct Liveness: Sendable {
    var lastAnswer: Date?
    /// Why the last question wasn't answered; nil when it was.
    var problem: String?
    /// Kinds whose first full list hasn't come yet.
    var awaited: Set<String>
    /// Since when a kind can't be followed, and why.
    var failing: [String: (since: Date, reason: String)] = [:]
    /// When something last came of a kind.
    var heard: [String: Date] = [:]
    var lists: [String: Int] = [:]
    var failures: [String: Int] = [:]
  }

  /// How well a kind is followed.
  public struct Following: Sendable, Hashable {
    public let kind: String
    /// Since the API server last said anything about it, in seconds.
    public let lag: Double
    /// How often all its objects were listed.
    public let lists: Int
    /// How often following it failed.
    public let failures: Int
  }

  /// How long the API server may be silent before pages say so, in seconds.
  public static let stalenessLimit: Double = 15

  private let picture = Mutex(Picture())
  private let liveness: Mutex<Liveness>
  private let subscribers = Mutex<[String: [Int: AsyncStream<Void>.Continuation]]>([:])
  private let nextSubscriber = Mutex(0)
  private let news = Mutex<(names: Set<String>, bell: AsyncStream<Void>.Continuation?)>(([], nil))
  private let startedAt: Date
  private let now: @Sendable () -> Date

  init(awaiting kinds: Set<String>, now: @escaping @Sendable () -> Date = { Date() }) {
    liveness = Mutex(Liveness(awaited: kinds))
    self.now = now
    startedAt = now()
  }

  /// Since when the picture may be old; nil while the API server answers.
  public var staleSince: Date? { silence?.since }

  /// Since when and why the picture may be old; nil while the API server answers.
  public var silence: ClusterSilence? {
    let (lastAnswer, problem, failing) = liveness.withLock { state in
      (state.lastAnswer, state.problem, state.failing.values.min { $0.since < $1.since })
    }
    guard let lastAnswer else {
      guard failing != nil || isOld(startedAt) else { return nil }
      return ClusterSilence(since: startedAt, reason: problem ?? failing?.reason)
    }
    if let failing, isOld(failing.since), failing.since < lastAnswer {
      // The server may answer, and yet not let one kind be followed.
      return ClusterSilence(since: failing.since, reason: problem ?? failing.reason)
    }
    return isOld(lastAnswer)
      ? ClusterSilence(since: lastAnswer, reason: problem ?? failing?.reason) : nil
  }

  private func isOld(_ time: Date) -> Bool {
    now().timeIntervalSince(time) > Self.stalenessLimit
  }

  /// How well each kind is followed, by its name; the lag of one of which nothing
  /// came yet counts from the start.
  public var followings: [Following] {
    let time = now()
    return liveness.withLock { state in
      ClusterStateFeed.kinds.sorted().map { kind in
        Following(
          kind: kind, lag: max(0, time.timeIntervalSince(state.heard[kind] ?? startedAt)),
          lists: state.lists[kind] ?? 0, failures: state.failures[kind] ?? 0)
      }
    }
  }

  /// Whether every kind was listed once, so that what is missing here is
  /// missing on the cluster.
  public var isComplete: Bool { liveness.withLock { $0.awaited.isEmpty } }

  /// Whether a namespace that BabyHelm made isn't on the cluster any more, as far
  /// as the picture is sure of it.
  func lacksNamespace(_ name: String) -> Bool {
    isComplete && silence == nil && read { $0.namespaces[name, name] == nil }
  }

  /// A stream that yields at once and then whenever something in a namespace
  /// changed. Changes that nobody waited for count as one.
  public func changes(in namespace: String) -> AsyncStream<Void> {
    let id = nextSubscriber.withLock { next in
      next += 1
      return next
    }
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.onTermination = { [weak self] _ in
      self?.subscribers.withLock { subscribers in
        subscribers[namespace]?[id] = nil
        if subscribers[namespace]?.isEmpty == true { subscribers[namespace] = nil }
      }
    }
    subscribers.withLock { $0[namespace, default: [:]][id] = continuation }
    // What changed between rendering a page and listening isn't lost.
    continuation.yield()
    return stream
  }

  /// The namespaces that somebody waits for changes in.
  var watchedNamespaces: Set<String> { subscribers.withLock { Set($0.keys) } }

  func read<T>(_ body: (borrowing Picture) -> T) -> T {
    picture.withLock { body($0) }
  }

  /// Changes the picture and tells who waits for the namespaces named.
  func change(_ body: (inout Picture) -> Set<String>) {
    let touched = picture.withLock { body(&$0) }
    wake(touched)
  }

  /// Wakes the pages that show a namespace, on every replica: what changed is in
  /// the database, a release's outcome for example.
  func notify(_ namespaces: Set<String>) {
    guard !namespaces.isEmpty else { return }
    wake(namespaces)
    let bell = news.withLock { news in
      if news.bell != nil { news.names.formUnion(namespaces) }
      return news.bell
    }
    bell?.yield()
  }

  /// Rings when there is something for ``takeNews()``; for the one who tells
  /// other replicas.
  func newsBell() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    news.withLock { $0.bell = continuation }
    return stream
  }

  /// The namespaces that were told of since the last call.
  func takeNews() -> Set<String> {
    news.withLock { news in
      defer { news.names = [] }
      return news.names
    }
  }

  /// Wakes the pages of this process that show a namespace: what changed is
  /// known to every replica by itself.
  func wake(_ namespaces: Set<String>) {
    guard !namespaces.isEmpty else { return }
    let waiting = subscribers.withLock { subscribers in
      namespaces.flatMap { namespace in
        subscribers[namespace].map { Array($0.values) } ?? []
      }
    }
    for continuation in waiting { continuation.yield() }
  }

  /// The API server gave a sign of life.
  func noteAnswer() {
    let at = now()
    liveness.withLock { state in
      state.lastAnswer = at
      state.problem = nil
    }
  }

  /// The API server gave none.
  ///
  /// - Parameter reason: for everybody to read, without a full stop.
  func noteSilence(_ reason: String) {
    liveness.withLock { $0.problem = reason }
  }

  func noteListed(_ kind: String) {
    liveness.withLock { state in
      state.awaited.remove(kind)
      state.lists[kind, default: 0] += 1
    }
    noteFollowed(kind)
  }

  /// Something came of a kind, if only word that nothing changed.
  func noteFollowed(_ kind: String) {
    let at = now()
    liveness.withLock { state in
      state.failing[kind] = nil
      state.heard[kind] = at
      state.lastAnswer = at
    }
  }

  /// A change came of a kind.
  func noteHeard(_ kind: String) {
    let at = now()
    liveness.withLock { $0.heard[kind] = at }
  }

  func noteFailure(_ kind: String, _ reason: String) {
    let at = now()
    liveness.withLock { state in
      state.failures[kind, default: 0] += 1
      state.failing[kind] = (state.failing[kind]?.since ?? at, reason)
    }
  }
}

/// That the picture may be old.
public struct ClusterSilence: Sendable, Hashable {
  /// When the API server last told anything, or since when it can't be followed.
  public let since: Date
  /// For everybody to read, without a full stop and without an address; nil when
  /// nothing is known.
  public let reason: String?
}
