import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain
@testable import Sandbox

/// The live picture of a cluster with 20,000 pods.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct LargeClusterTests {
  /// In a process of its own, so that only the picture takes memory.
  @Test func `20,000 pods take less than 120 MB, and a change is told within 500 ms`() async {
    await #expect(processExitsWith: .success) {
      try await LargeCluster.run(pods: 20_000) { cluster in
        // The sandbox and the client have their buffers before anything is measured.
        try await cluster.readEverything()
        let before = try LargeCluster.residentMegabytes()
        try await cluster.follow { state in
          let used = try LargeCluster.residentMegabytes() - before
          let slowest = try await cluster.slowestChange(of: state, changes: 30)
          #expect(used < 120)
          #expect(slowest < .milliseconds(500))
        }
      }
    }
  }

  @Test func `300 open pages need one list and one watch of each kind`() async throws {
    try await LargeCluster.run(pods: 1200) { cluster in
      try await cluster.follow { state in
        let pages = (0..<300).map { _ in state.changes(in: LargeCluster.namespace) }
        let told = try await withThrowingTaskGroup(of: Bool.self) { group in
          for page in pages {
            group.addTask {
              var changes = page.makeAsyncIterator()
              _ = await changes.next()
              return await changes.next() != nil
            }
          }
          await cluster.restart("pod-7", restarts: 1)
          return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(told == 300)
        let traffic = cluster.server.traffic
        let kinds: [ResourceType] = [
          .namespace, .deployment, .replicaSet, .pod, .service, .endpointSlice,
          .horizontalPodAutoscaler, .resourceQuota, .event,
        ]
        for kind in kinds {
          #expect(traffic.count(.list, kind) == 1, "\(kind)")
          #expect(traffic.count(.watch, kind) == 1, "\(kind)")
          #expect(await cluster.server.openWatches(of: kind) == 1, "\(kind)")
        }
        #expect(traffic.count(.page, .pod) == 2)
      }
    }
  }
}

/// A sandbox full of pods of one application.
struct LargeCluster: Sendable {
  static let namespace = "shop"

  let server: SandboxServer
  let kubernetes: KubernetesClient
  let pods: Int

  static func run(pods: Int, _ body: (LargeCluster) async throws -> Void) async throws {
    try await withCluster(SandboxConfiguration(speed: 20)) { cluster in
      let large = LargeCluster(
        server: cluster.server, kubernetes: cluster.kubernetes, pods: pods)
      for number in 0..<pods { await large.restart("pod-\(number)", restarts: 0) }
      try await body(large)
    }
  }

  /// Stores a pod, past the API.
  func restart(_ name: String, restarts: Int) async {
    await server.cluster.commit(.pod, Self.pod(name, restarts: restarts))
  }

  /// Reads all pages without keeping any.
  func readEverything() async throws {
    var options = ListOptions(limit: 500)
    repeat {
      let page = try await kubernetes.listObjects(.pod, options)
      options.continueToken = page.continueToken
    } while options.continueToken != nil
  }

  /// Runs the feed until its picture is complete, and while `body` runs.
  func follow(_ body: (ClusterState) async throws -> Void) async throws {
    let state = ClusterState(awaiting: ClusterStateFeed.kinds)
    let feed = ClusterStateFeed(client: kubernetes, state: state, logger: quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await feed.run() }
      defer { group.cancelAll() }
      try await eventually("the picture is complete", within: .seconds(120)) {
        state.isComplete
      }
      #expect(state.read { $0.pods.keys.count } == pods)
      try await eventually("all kinds are watched") {
        await server.cluster.watchers.count == ClusterStateFeed.kinds.count
      }
      try await body(state)
    }
  }

  /// How long it takes at most from a write until a page is told.
  func slowestChange(of state: ClusterState, changes: Int) async throws -> Duration {
    var slowest = Duration.zero
    var told = state.changes(in: Self.namespace).makeAsyncIterator()
    _ = await told.next()
    for change in 1...changes {
      let start = ContinuousClock.now
      await restart("pod-\(change)", restarts: change)
      _ = await told.next()
      slowest = max(slowest, start.duration(to: .now))
      let shown = state.read { $0.pods[Self.namespace, "pod-\(change)"]?.restarts }
      #expect(shown == change)
    }
    return slowest
  }

  /// What this process has in memory.
  static func residentMegabytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    let kilobytes = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    return kilobytes / 1024
  }

  private static func pod(_ name: String, restarts: Int) -> JSONValue {
    let image = "registry.example.com/team/application:1.2.3"
    let digest = String(repeating: "0123456789abcdef", count: 4)
    return [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": .string("uid-\(name)"),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": [
          ManifestBuilder.managedByLabel: .string(ManifestBuilder.managedByValue),
          ManifestBuilder.nameLabel: .string("app-\(name.utf8.count)"),
        ],
      ],
      "spec": [
        "nodeName": "node-1", "containers": [["name": "app", "image": .string(image)]],
      ],
      "status": [
        "phase": "Running", "podIP": "10.244.0.7",
        "conditions": [["type": "Ready", "status": "True"]],
        "containerStatuses": [
          [
            "name": "app", "ready": true, "restartCount": .integer(Int64(restarts)),
            "image": .string(image),
            "imageID": .string("registry.example.com/team/application@sha256:\(digest)"),
            "state": ["running": ["startedAt": "2026-01-01T00:00:00Z"]],
          ]
        ],
      ],
    ]
  }
}
