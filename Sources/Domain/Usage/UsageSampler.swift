internal import Foundation
internal import Kubernetes
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Counts once a minute what applications ask for and use. Run it as long as
/// the program.
///
/// Of several replicas the one counts whose turn comes first; a minute in which
/// none runs is missing, and never counted as nothing.
public final class UsageSampler: Service {
  /// Seconds between two samples.
  static let interval = 60
  /// How many seconds a sample may stand for. What is beyond wasn't seen.
  private static let longest = 90
  /// How often volumes are asked for, in seconds.
  private static let volumeInterval: Double = 600

  private struct State {
    var use: [ObjectKey: ResourceAmount] = [:]
    var measurement = UsageMeasurement.pending
    var volumes: [ObjectKey: Int64] = [:]
    var volumesAt: Date?
    var purgedAt: Date?
  }

  private let database: any Database
  private let client: KubernetesClient
  private let source: any UsageSource
  private let applications: Applications
  private let clusterState: ClusterState
  private let logger: Logger
  private let now: @Sendable () -> Date
  private let store = UsageStore()
  private let state = Mutex(State())

  init(
    database: any Database, client: KubernetesClient, source: any UsageSource,
    applications: Applications, clusterState: ClusterState, logger: Logger,
    now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.client = client
    self.source = source
    self.applications = applications
    self.clusterState = clusterState
    self.logger = logger
    self.now = now
  }

  /// Whether real use is known.
  var measurement: UsageMeasurement { state.withLock { $0.measurement } }

  /// What a pod used when it was last measured.
  func use(of pod: String, in namespace: String) -> ResourceAmount? {
    state.withLock { $0.use[ObjectKey(namespace: namespace, name: pod)] }
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if self.clusterState.isComplete {
          do throws(DomainError) {
            try await self.sample()
          } catch {
            if Task.isCancelled { return }
            self.logger.warning(
              "a minute of use isn't counted",
              metadata: ["error": "\(error.underlying ?? error.message)"])
          }
        }
        // Not all replicas at once, and soon after the start.
        let pause = self.clusterState.isComplete ? Double(Self.interval) : 2
        try? await Task.sleep(for: .seconds(pause * Double.random(in: 0.97...1.03)))
      }
    }
  }

  /// Counts what the pods ask for and use right now, for the time since the
  /// last sample.
  ///
  /// - Throws: `unavailable`. Nothing is counted then.
  func sample() async throws(DomainError) {
    await measure()
    try await lookAtVolumes()
    let time = now()
    let found = samples()
    try await database.writing { [self] connection in
      let before = try store.countedTo(in: connection)
      let elapsed = before.map { Int(time.timeIntervalSince($0).rounded()) } ?? Self.interval
      guard elapsed >= Self.interval / 2 else { return }
      try store.setCounted(to: time, in: connection)
      let seconds = elapsed > Self.longest ? Self.interval : elapsed
      for application in try applications.references(in: connection) {
        let key = ObjectKey(namespace: application.project, name: application.name)
        guard let sample = found[key] else { continue }
        try store.add(
          UsageSample(
            application: application, requested: sample.requested, storage: sample.storage,
            used: sample.used), seconds: seconds, at: time, in: connection)
      }
    }
    try await purge(at: time)
  }

  private struct Found {
    var requested = ResourceAmount.zero
    var storage: Int64 = 0
    var used: [ResourceAmount] = []
  }

  /// By project and application.
  private func samples() -> [ObjectKey: Found] {
    let (use, volumes) = state.withLock { ($0.use, $0.volumes) }
    var samples: [ObjectKey: Found] = [:]
    for (key, application, pod) in clusterState.reservingPods() {
      let name = ObjectKey(namespace: key.namespace, name: application)
      samples[name, default: Found()].requested += pod.requests
      if let used = use[key] { samples[name]?.used.append(used) }
    }
    for (key, size) in volumes { samples[key, default: Found()].storage = size }
    return samples
  }

  private func measure() async {
    let time = now()
    do throws(DomainError) {
      let use = try await source.use()
      state.withLock { state in
        state.use = use ?? [:]
        state.measurement = use == nil ? .absent : .measured(at: time)
      }
    } catch {
      logger.info("use isn't known", metadata: ["error": "\(error.underlying ?? "")"])
      state.withLock { state in
        state.use = [:]
        state.measurement = .failing(error.message)
      }
    }
  }

  private func lookAtVolumes() async throws(DomainError) {
    let time = now()
    let isFresh = state.withLock { state in
      state.volumesAt.map { time.timeIntervalSince($0) < Self.volumeInterval } ?? false
    }
    if isFresh { return }
    var volumes: [ObjectKey: Int64] = [:]
    do {
      var options = ListOptions(
        labelSelector: "\(ManifestBuilder.managedByLabel)=\(ManifestBuilder.managedByValue)",
        limit: 500)
      repeat {
        let page = try await client.list(CoreV1.PersistentVolumeClaim.self, options)
        for claim in page.items {
          guard let namespace = claim.metadata.namespace,
            let application = claim.metadata.labels[ManifestBuilder.nameLabel],
            let size = claim.capacity ?? claim.requestedStorage
          else { continue }
          let key = ObjectKey(namespace: namespace, name: application)
          volumes[key, default: 0] += ResourceAmount.kibibytes(size)
        }
        options.continueToken = page.continueToken
      } while options.continueToken != nil
    } catch {
      throw ClusterFailure.domainError(error, doing: "counting volumes")
    }
    state.withLock { [volumes] state in
      state.volumes = volumes
      state.volumesAt = time
    }
  }

  /// Once an hour.
  private func purge(at time: Date) async throws(DomainError) {
    let isDue = state.withLock { state in
      guard state.purgedAt.map({ time.timeIntervalSince($0) >= 3600 }) ?? true else {
        return false
      }
      state.purgedAt = time
      return true
    }
    guard isDue else { return }
    let oldest = time.addingTimeInterval(-Double(UsageStore.daysKept) * 24 * 3600)
    try await database.writing { [store] connection in
      try store.purge(before: oldest, in: connection)
    }
  }
}

extension ClusterState {
  /// The pods that a node keeps room for, with the application each belongs to.
  func reservingPods() -> [(key: ObjectKey, application: String, pod: PodStatus)] {
    read { picture in
      picture.pods.all.filter { !$0.record.isOver && !$0.record.node.isEmpty }
        .map { ($0.key, $0.application, $0.record) }
    }
  }
}
