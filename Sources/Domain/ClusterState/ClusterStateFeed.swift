internal import Foundation
internal import Kubernetes
internal import Logging
public import ServiceLifecycle

/// Keeps ``ClusterState`` like the cluster: one list and one watch a kind, and
/// a look every five seconds whether the API server still answers.
public struct ClusterStateFeed: Service {
  private let client: KubernetesClient
  private let state: ClusterState
  private let logger: Logger

  /// The kinds whose full list must have come before the picture is complete.
  static let kinds: Set<String> = [
    "Namespace", "Deployment", "ReplicaSet", "Pod", "Service", "EndpointSlice",
    "HorizontalPodAutoscaler", "ResourceQuota", "Event",
  ]
  /// Newest warnings kept of each namespace.
  static let warningsKept = 50

  init(client: KubernetesClient, state: ClusterState, logger: Logger) {
    self.client = client
    self.state = state
    self.logger = logger
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.watchLiveness() }
        group.addTask {
          await self.follow(CoreV1.Namespace.self, \.namespaces, NamespaceRecord.init)
        }
        group.addTask {
          await self.follow(AppsV1.Deployment.self, \.deployments, DeploymentRecord.init)
        }
        group.addTask {
          await self.follow(AppsV1.ReplicaSet.self, \.replicaSets, ReplicaSetRecord.init)
        }
        group.addTask { await self.follow(CoreV1.Pod.self, \.pods, PodStatus.init) }
        group.addTask { await self.follow(CoreV1.Service.self, \.services, ServiceRecord.init) }
        group.addTask {
          await self.follow(
            DiscoveryV1.EndpointSlice.self, \.endpointSlices, EndpointSliceRecord.init)
        }
        group.addTask {
          await self.follow(
            AutoscalingV2.HorizontalPodAutoscaler.self, \.autoscalers, AutoscalerRecord.init)
        }
        group.addTask { await self.follow(CoreV1.ResourceQuota.self, \.quotas, QuotaRecord.init) }
        group.addTask { await self.followWarnings() }
      }
    }
  }

  private func watchLiveness() async {
    while !Task.isCancelled {
      do throws(KubernetesError) {
        _ = try await client.version()
        state.noteAnswer()
      } catch {
        state.noteSilence(ClusterFailure.reason(error))
      }
      try? await Task.sleep(for: .seconds(5))
    }
  }

  private func follow<R: KubernetesResource, Record>(
    _ type: R.Type,
    _ table: any WritableKeyPath<ClusterState.Picture, ObjectTable<Record>> & Sendable,
    _ make: @escaping @Sendable (R) -> Record
  ) async {
    let state = state
    let kind = R.type.kind
    let reflector = Reflector(
      R.self, client: client,
      labelSelector: "\(ManifestBuilder.managedByLabel)=\(ManifestBuilder.managedByValue)",
      logger: logger
    ) { event in
      switch event {
      case .replaced(let objects):
        state.change { picture in
          Self.replace(objects, in: &picture[keyPath: table], make)
        }
        state.noteListed(kind)
      case .applied(let object):
        state.change { picture in
          Self.set(object, in: &picture[keyPath: table], make) ?? []
        }
        state.noteHeard(kind)
      case .deleted(let deleted):
        let key = Self.key(kind, namespace: deleted.namespace, name: deleted.name)
        state.change { picture in
          picture[keyPath: table].remove(key) ? [key.namespace] : []
        }
        state.noteHeard(kind)
      case .skipped, .heartbeat: state.noteFollowed(kind)
      case .failed(let error): state.noteFailure(kind, Self.reason(error, kind))
      }
    }
    await reflector.run()
  }

  private static func reason(_ error: KubernetesError, _ kind: String) -> String {
    error.isForbidden
      ? "it doesn't let BabyHelm follow \(kind) objects" : ClusterFailure.reason(error)
  }

  /// A namespace is kept under its own name, as if it lay in itself.
  private static func key(_ kind: String, namespace: String?, name: String) -> ObjectKey {
    ObjectKey(namespace: namespace ?? name, name: name)
  }

  private static func set<R: KubernetesResource, Record>(
    _ object: R, in table: inout ObjectTable<Record>, _ make: (R) -> Record
  ) -> Set<String>? {
    let metadata = object.metadata
    let key = key(R.type.kind, namespace: metadata.namespace, name: metadata.name)
    let application = metadata.labels[ManifestBuilder.nameLabel] ?? ""
    return table.set(make(object), application: application, at: key) ? [key.namespace] : nil
  }

  private static func replace<R: KubernetesResource, Record>(
    _ objects: [R], in table: inout ObjectTable<Record>, _ make: (R) -> Record
  ) -> Set<String> {
    var touched: Set<String> = []
    var gone = table.keys
    for object in objects {
      gone.remove(
        key(R.type.kind, namespace: object.metadata.namespace, name: object.metadata.name))
      touched.formUnion(set(object, in: &table, make) ?? [])
    }
    for key in gone where table.remove(key) { touched.insert(key.namespace) }
    return touched
  }

  private func followWarnings() async {
    let state = state
    let reflector = Reflector(
      CoreV1.Event.self, client: client, fieldSelector: "type=Warning",
      timing: Self.eventTiming, logger: logger
    ) { event in
      switch event {
      case .replaced(let events):
        state.change { picture in
          // A namespace whose warnings are all gone has changed, too.
          let before = Set(picture.warnings.keys)
          picture.warnings = [:]
          return before.union(events.compactMap { Self.add($0, to: &picture) })
        }
        state.noteListed("Event")
      case .applied(let event):
        state.change { picture in Self.add(event, to: &picture).map { [$0] } ?? [] }
        state.noteHeard("Event")
      case .deleted(let event):
        state.change { picture in Self.remove(event, from: &picture).map { [$0] } ?? [] }
        state.noteHeard("Event")
      case .skipped, .heartbeat: state.noteFollowed("Event")
      case .failed(let error): state.noteFailure("Event", Self.reason(error, "Event"))
      }
    }
    await reflector.run()
  }

  /// Events are not in the API server's watch cache, so a quiet watch of them
  /// brings no bookmarks; the server ends it soon instead.
  private static let eventTiming = ReflectorTiming(
    watchDuration: .seconds(60), livenessLimit: .seconds(120))

  private static func remove(
    _ event: DeletedObject, from picture: inout ClusterState.Picture
  ) -> String? {
    guard let namespace = event.namespace, let kept = picture.warnings[namespace] else {
      return nil
    }
    let rest = kept.filter { $0.eventName != event.name }
    guard rest.count < kept.count else { return nil }
    picture.warnings[namespace] = rest.isEmpty ? nil : rest
    return namespace
  }

  /// Keeps the newest warnings of each namespace that BabyHelm manages.
  private static func add(_ event: CoreV1.Event, to picture: inout ClusterState.Picture) -> String?
  {
    guard let namespace = event.metadata.namespace else { return nil }
    let record = WarningRecord(event)
    var kept = picture.warnings[namespace] ?? []
    // A repeated event replaces its earlier count.
    kept.removeAll {
      $0.objectName == record.objectName && $0.reason == record.reason
        && $0.subject == record.subject
    }
    // A list comes in the order of names.
    let place = kept.lastIndex { ($0.at ?? .distantPast) <= (record.at ?? .distantPast) }
    kept.insert(record, at: place.map { $0 + 1 } ?? 0)
    picture.warnings[namespace] = Array(kept.suffix(warningsKept))
    return namespace
  }
}
