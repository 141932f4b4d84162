import Foundation
import Kubernetes
import TestSupport
import Testing

/// What the client makes of refusals, and what it asks besides objects, on
/// every cluster there is (docs/design.md §6).
struct ClientRefusalConformanceTests {
  private func map(_ name: String, owner: JSONValue? = nil) -> JSONValue {
    var metadata: JSONValue = ["name": .string(name)]
    if let owner {
      metadata["ownerReferences"] = [
        [
          "apiVersion": "v1", "kind": "ConfigMap", "name": owner.at("metadata", "name") ?? "",
          "uid": owner.at("metadata", "uid") ?? "", "blockOwnerDeletion": true,
        ]
      ]
    }
    return ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": ["a": "1"]]
  }

  private func isThere(
    _ name: String, _ client: KubernetesClient, _ namespace: String
  ) async throws -> Bool {
    do throws(KubernetesError) {
      _ = try await client.getObject(.configMap, name: name, namespace: namespace)
      return true
    } catch  where error.isNotFound {
      return false
    }
  }

  /// A service account, which pods need before they are admitted.
  private func makeAccount(_ client: KubernetesClient, _ namespace: String) async throws {
    let account: JSONValue = [
      "apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "robot"],
      "automountServiceAccountToken": false,
    ]
    _ = try await client.create(account, .serviceAccount, namespace: namespace)
  }

  private static let pod: JSONValue = [
    "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "one"],
    "spec": [
      "serviceAccountName": "robot",
      "containers": [["name": "app", "image": "registry.k8s.io/pause:3.10"]],
    ],
  ]

  @Test(arguments: ConformanceCluster.available)
  func `what an owner owns goes with it, before it or not at all`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      for (name, propagation) in [
        ("fore", .foreground), ("back", .background), ("orphaning", .orphan),
      ] as [(String, Propagation)] {
        let owner = try await client.create(map(name), .configMap, namespace: namespace).object
        _ = try await client.create(
          map("of-\(name)", owner: owner), .configMap, namespace: namespace)
        // The garbage collector must know of the child before the owner goes.
        _ = try await client.delete(
          .configMap, name: name, namespace: namespace, DeleteOptions(propagation: propagation))
      }

      for name in ["fore", "back", "orphaning", "of-fore", "of-back"] {
        try await eventually("\(name) is gone") {
          try await !isThere(name, client, namespace)
        }
      }
      try await eventually("the orphan has no owner") {
        let orphan = try await client.getObject(
          .configMap, name: "of-orphaning", namespace: namespace)
        return orphan.at("metadata", "ownerReferences")?.array?.isEmpty ?? true
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a delete of another object of the name is refused`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      _ = try await client.create(map("one"), .configMap, namespace: namespace)

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.delete(
          .configMap, name: "one", namespace: namespace,
          DeleteOptions(uid: "00000000-0000-0000-0000-000000000000"))
      }

      #expect(error?.isConflict == true)
      let stays = try await isThere("one", client, namespace)
      #expect(stays)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a field that can't be is named`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      var object = map("one")
      object["data"] = ["not a key": "1"]
      let wrong = object

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.create(wrong, .configMap, namespace: namespace)
      }

      #expect(error?.isInvalid == true)
      #expect(error?.fieldProblems.map(\.field) == ["data[not a key]"])
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a ConfigMap that is immutable stays as it is`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      var object = map("one")
      object["immutable"] = true
      _ = try await client.create(object, .configMap, namespace: namespace)

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.mergePatch(
          ["data": ["a": "2"]], .configMap, name: "one", namespace: namespace)
      }

      #expect(error?.isInvalid == true)
      #expect(error?.fieldProblems.map(\.field) == ["data"])
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `what is beyond the quota is told apart from what is forbidden`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      try await makeAccount(client, namespace)
      let quota: JSONValue = [
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "none"],
        "spec": ["hard": ["pods": "0"]],
      ]
      _ = try await client.create(quota, .resourceQuota, namespace: namespace)
      try await eventually("the quota is counted") {
        let quota = try await client.getObject(
          .resourceQuota, name: "none", namespace: namespace)
        return quota.at("status", "hard", "pods") != nil
      }

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.create(Self.pod, .pod, namespace: namespace)
      }

      #expect(error?.isQuotaExceeded == true)
      #expect(error?.isMissingRight == false)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a watch goes on where it was`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      let first = try await client.create(map("one"), .configMap, namespace: namespace).object
      _ = try await client.create(map("two"), .configMap, namespace: namespace)
      _ = try await client.delete(.configMap, name: "two", namespace: namespace)

      let version = first.at("metadata", "resourceVersion")?.string
      var told: [String] = []
      let watch = try await client.watch(
        CoreV1.ConfigMap.self, namespace: namespace,
        WatchOptions(fieldSelector: "metadata.name=two", resourceVersion: version))
      for try await event in watch {
        if case .added(let map) = event { told.append("added \(map.metadata.name)") }
        if case .deleted(let map) = event { told.append("deleted \(map.metadata.name)") }
        if told.count == 2 { break }
      }
      #expect(told == ["added two", "deleted two"])
    }
  }

  /// How far back a server remembers is its own affair.
  @Test(arguments: ConformanceCluster.available)
  func `a watch from long ago tells all since then, or that it can't`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      _ = try await client.create(map("one"), .configMap, namespace: namespace)
      var names: [String] = []
      var failure: KubernetesError?
      do throws(KubernetesError) {
        let watch = try await client.watch(
          CoreV1.ConfigMap.self, namespace: namespace,
          WatchOptions(
            fieldSelector: "metadata.name=one", resourceVersion: "1", timeoutSeconds: 2))
        for try await event in watch {
          if case .added(let map) = event { names.append(map.metadata.name) }
        }
      } catch {
        failure = error
      }
      #expect(names == ["one"] || failure?.isExpired == true, "\(names), \(failure as Any)")
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a continue token that can't be is refused`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.listObjects(
          .configMap, namespace: namespace, ListOptions(limit: 1, continueToken: "nonsense"))
      }
      #expect(error?.isInvalid == true)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a client learns what it may do, and gets tokens for accounts`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      try await makeAccount(client, namespace)

      let review = try await client.selfSubjectAccessReview(
        AuthorizationV1.ResourceAttributes(
          verb: "create", type: .serviceAccount, subresource: "token", namespace: namespace))
      let token = try await client.token(
        serviceAccount: "robot", namespace: namespace, expirationSeconds: 600)

      #expect(review.isAllowed)
      #expect(!token.value.isEmpty)
      #expect(token.expiresAt > Date())
      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.token(serviceAccount: "nobody", namespace: namespace)
      }
      #expect(error?.isNotFound == true)
    }
  }

  /// A control plane without nodes has no logs; then only the refusals count.
  @Test(arguments: ConformanceCluster.available)
  func `the logs of a pod are read, and those of none are not found`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      try await makeAccount(client, namespace)
      _ = try await client.create(Self.pod, .pod, namespace: namespace)
      if try await !StandInKubelet.isNeeded(client) {
        try await eventually("the pod wrote something") {
          let text = try? await client.podLogs(pod: "one", namespace: namespace)
          return text?.isEmpty == false
        }
      }

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.podLogs(pod: "none", namespace: namespace)
      }
      #expect(error?.isNotFound == true)
    }
  }
}
