import Kubernetes
import TestSupport
import Testing

@testable import Sandbox

/// Lists that come in pages.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ReflectorPagingTests {
  @Test func `20,000 pods in pages of 500 become one picture while they change`() async throws {
    try await withCluster(SandboxConfiguration(speed: 20)) { cluster in
      await cluster.server.cluster.put(
        .pod, "default", (0..<20_000).map { "pod-\($0)" }, Self.runningPod)
      try await follow(CoreV1.Pod.self, cluster) { reflection in
        // Until the list is whole, every page is followed by changes to what was on it.
        var changes = 0
        while reflection.picture.now.lists == 0 {
          for number in 0..<20 {
            await reflection.put("pod-\((changes * 37 + number) % 20_000)", Self.runningPod)
          }
          await reflection.remove("pod-\(changes)")
          changes += 1
          try await Task.sleep(for: .milliseconds(20))
        }
        try await reflection.agree(within: .seconds(60))

        #expect(changes > 3, "it changed while it was listed")
        let traffic = reflection.server.traffic
        #expect(traffic.count(.list, .pod) == 1)
        #expect(traffic.count(.page, .pod) == 39)
        #expect(traffic.count(.watch, .pod) == 1)
      }
    }
  }

  @Test func `the pages of a list show one moment`() async throws {
    try await withCluster(SandboxConfiguration(speed: 20)) { cluster in
      let sandbox = cluster.server.cluster
      await sandbox.put(.secret, "default", ["a", "b", "c", "d", "e"])
      var options = ListOptions(limit: 2)
      let first = try await cluster.kubernetes.list(
        CoreV1.Secret.self, namespace: "default", options)
      await sandbox.put(.secret, "default", ["aa", "cc", "d"])
      await sandbox.erase(.secret, ObjectKey("default", "c"))
      await sandbox.erase(.secret, ObjectKey("default", "d"))

      options.continueToken = first.continueToken
      options.limit = nil
      let rest = try await cluster.kubernetes.list(
        CoreV1.Secret.self, namespace: "default", options)
      let fresh = try await cluster.kubernetes.list(CoreV1.Secret.self, namespace: "default")

      #expect(first.items.map(\.metadata.name) == ["a", "b"])
      #expect(rest.items.map(\.metadata.name) == ["c", "d", "e"])
      #expect(rest.resourceVersion == first.resourceVersion)
      #expect(fresh.items.map(\.metadata.name) == ["a", "aa", "b", "cc", "e"])
    }
  }

  @Test func `pages over namespaces repeat and leave out nothing`() async throws {
    try await withCluster(SandboxConfiguration(speed: 20)) { cluster in
      let namespaces = ["shop", "shop-2", "shop0"]
      for namespace in namespaces {
        await cluster.server.cluster.put(.secret, namespace, ["a", "b", "c"])
      }

      var names: [String] = []
      var options = ListOptions(limit: 2)
      repeat {
        let page = try await cluster.kubernetes.list(CoreV1.Secret.self, options)
        names += page.items.map { "\($0.metadata.namespace ?? "")/\($0.metadata.name)" }
        options.continueToken = page.continueToken
      } while options.continueToken != nil && names.count < 100

      // The order of etcd's keys: "-" is before "/", and that before "0".
      #expect(
        names == [
          "shop-2/a", "shop-2/b", "shop-2/c", "shop/a", "shop/b", "shop/c", "shop0/a", "shop0/b",
          "shop0/c",
        ])
    }
  }

  /// About what a pod of an application looks like.
  private static let runningPod: JSONValue = [
    "spec": [
      "nodeName": "node-1",
      "containers": [["name": "app", "image": "registry.example.com/team/app:1.2.3"]],
    ],
    "status": [
      "phase": "Running", "podIP": "10.244.0.7",
      "conditions": [["type": "Ready", "status": "True"]],
      "containerStatuses": [
        [
          "name": "app", "ready": true, "restartCount": 0,
          "image": "registry.example.com/team/app:1.2.3",
          "state": ["running": ["startedAt": "2026-01-01T00:00:00Z"]],
        ]
      ],
    ],
  ]
}
