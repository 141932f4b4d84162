import Foundation
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import Sandbox

/// What a reflector told, applied to a table, and whatever it should not have told.
final class CheckedPicture<R: KubernetesResource>: Sendable {
  struct State: Sendable {
    /// The version of each object, by name.
    var versions: [String: Int] = [:]
    /// What came a second time, or after something newer.
    var repeated: [String] = []
    /// How many changes came after a list.
    var changes = 0
    var lists = 0
    var heartbeats = 0
    var failures: [String] = []
  }

  private let state = Mutex(State())

  var now: State { state.withLock(\.self) }

  func hear(_ event: ReflectorEvent<R>) {
    state.withLock { state in
      switch event {
      case .replaced(let objects):
        state.lists += 1
        let fresh = objects.map { ($0.metadata.name, Self.version($0)) }
        state.versions = Dictionary(fresh) { first, _ in
          state.repeated.append("twice in one list")
          return first
        }
      case .applied(let object):
        let (name, version) = (object.metadata.name, Self.version(object))
        state.changes += 1
        if let known = state.versions[name], known >= version {
          state.repeated.append("\(name) at \(version) after \(known)")
        }
        state.versions[name] = version
      case .deleted(let object):
        state.changes += 1
        if state.versions.removeValue(forKey: object.name) == nil {
          state.repeated.append("\(object.name) went twice")
        }
      case .skipped(let object): state.repeated.append("skipped \(object.name)")
      case .heartbeat: state.heartbeats += 1
      case .failed(let error): state.failures.append(error.description)
      }
    }
  }

  private static func version(_ object: R) -> Int { Int(object.metadata.resourceVersion) ?? 0 }
}

/// A reflector on a sandbox, and what it told.
struct Reflection<R: KubernetesResource>: Sendable {
  let server: SandboxServer
  let picture: CheckedPicture<R>
  let namespace: String

  /// What the cluster has, past all faults.
  var truth: [String: Int] {
    get async {
      let objects = await server.cluster.store.list(R.type, namespace: namespace)
      return Dictionary(
        uniqueKeysWithValues: objects.map { object in
          (object.name, object.at("metadata", "resourceVersion")?.string.flatMap(Int.init) ?? 0)
        })
    }
  }

  /// Stores an object of the kind, past all faults.
  func put(_ name: String, _ members: JSONValue = [:]) async {
    await server.cluster.put(R.type, namespace, [name], members)
  }

  /// Changes objects so fast that no watch can follow.
  func burst(_ changes: Int) async {
    await server.cluster.put(
      R.type, namespace, (0..<changes).map { "object-\($0 % 500)" }, ["data": [:]])
  }

  /// Stores an object of another kind.
  func putOther(_ type: ResourceType, _ name: String) async {
    await server.cluster.put(type, namespace, [name])
  }

  func remove(_ name: String) async {
    await server.cluster.erase(R.type, ObjectKey(namespace, name))
  }

  /// Waits until the reflector's picture is the cluster's.
  func agree(
    within limit: Duration = .seconds(60), _ location: SourceLocation = #_sourceLocation
  ) async throws {
    try await eventually("the picture is the cluster's", within: limit, location) {
      await truth == picture.now.versions
    }
    #expect(picture.now.repeated == [], sourceLocation: location)
  }

  /// Creates, changes and deletes objects by chance, the same in every run.
  func churn(_ changes: Int, seed: UInt64) async {
    var random = SeededRandom(seed: seed)
    for number in 0..<changes {
      let name = "object-\(random.next() % 40)"
      let exists = await server.cluster.store[R.type, ObjectKey(namespace, name)] != nil
      if exists, random.next() % 4 == 0 {
        await remove(name)
      } else {
        await put(name, ["data": ["number": .string("\(number)")]])
      }
    }
  }
}

extension Cluster {
  /// Stores objects one after the other, with nothing in between.
  func put(
    _ type: ResourceType, _ namespace: String, _ names: [String], _ members: JSONValue = [:]
  ) {
    for name in names {
      var object = members
      object["apiVersion"] = .string(type.apiVersion)
      object["kind"] = .string(type.kind)
      object["metadata"] = [
        "name": .string(name), "namespace": .string(namespace), "uid": .string("uid-\(name)"),
      ]
      commit(type, object)
    }
  }
}

/// Runs a reflector of ConfigMaps on a sandbox of its own.
func withReflection(
  faults: String = "",
  configuration: SandboxConfiguration = SandboxConfiguration(speed: 20),
  timing: ReflectorTiming = .quick, timeout: Duration = .seconds(10),
  _ body: (Reflection<CoreV1.ConfigMap>) async throws -> Void
) async throws {
  try await withReflection(
    of: CoreV1.ConfigMap.self, faults: faults, configuration: configuration, timing: timing,
    timeout: timeout, body)
}

/// Runs a reflector of a namespace's objects on a sandbox of its own.
func withReflection<R: KubernetesResource>(
  of type: R.Type, faults: String = "",
  configuration: SandboxConfiguration = SandboxConfiguration(speed: 20),
  timing: ReflectorTiming = .quick, timeout: Duration = .seconds(10),
  _ body: (Reflection<R>) async throws -> Void
) async throws {
  var configuration = configuration
  configuration.faults = try SandboxFaults(faults)
  try await withCluster(configuration) { cluster in
    try await follow(R.self, cluster, timing: timing, timeout: timeout, body)
  }
}

/// Runs a reflector of the default namespace's objects.
func follow<R: KubernetesResource>(
  _ type: R.Type, _ cluster: TestCluster, timing: ReflectorTiming = .quick,
  timeout: Duration = .seconds(10), _ body: (Reflection<R>) async throws -> Void
) async throws {
  var client = cluster.kubernetes
  client.timeout = timeout
  let reflection = Reflection<R>(
    server: cluster.server, picture: CheckedPicture(), namespace: "default")
  let picture = reflection.picture
  let reflector = Reflector(
    R.self, client: client, namespace: reflection.namespace, timing: timing, logger: quietLogger
  ) { event in picture.hear(event) }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await reflector.run() }
    defer { group.cancelAll() }
    try await body(reflection)
  }
}

extension ReflectorTiming {
  /// Short pauses, as suits a test.
  static let quick = ReflectorTiming(
    pageSize: 500, minimumPause: .milliseconds(2), maximumPause: .milliseconds(50))
}
