import Foundation
import Kubernetes
import TestSupport
import Testing

/// What the client does, on every cluster there is (docs/design.md §6).
struct ClientConformanceTests {
  private func map(_ name: String, _ value: String, label: String = "a") -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": .string(name), "labels": ["set": .string(label)]],
      "data": ["key": .string(value)],
    ]
  }

  private func apply(
    _ object: JSONValue, as manager: String, forced: Bool = false, _ client: KubernetesClient,
    _ namespace: String
  ) async throws(KubernetesError) -> JSONValue {
    try await client.apply(
      object, .configMap, name: object.at("metadata", "name")?.string ?? "", namespace: namespace,
      ApplyOptions(fieldManager: manager, isForced: forced, fieldValidation: .strict)
    ).object
  }

  @Test(arguments: ConformanceCluster.available)
  func `an object is applied, read, patched and deleted`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      let made = try await apply(map("one", "1"), as: "babyhelm", client, namespace)
      let again = try await apply(map("one", "1"), as: "babyhelm", client, namespace)
      let version = made.at("metadata", "resourceVersion")
      #expect(again.at("metadata", "resourceVersion") == version, "the same again is no write")

      let patch: JSONValue = ["data": ["other": "2"]]
      _ = try await client.mergePatch(patch, .configMap, name: "one", namespace: namespace)
      let read = try await client.getObject(.configMap, name: "one", namespace: namespace)
      let data: JSONValue = ["key": "1", "other": "2"]
      #expect(read["data"] == data)

      _ = try await client.delete(.configMap, name: "one", namespace: namespace, DeleteOptions())
      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.getObject(.configMap, name: "one", namespace: namespace)
      }
      #expect(error?.isNotFound == true)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a dry run answers and stores nothing`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      let answer = try await client.apply(
        map("one", "1"), .configMap, name: "one", namespace: namespace,
        ApplyOptions(fieldManager: "babyhelm", isDryRun: true))

      #expect(answer.object.at("data", "key") == "1")
      let list = try await client.listObjects(
        .configMap, namespace: namespace, ListOptions(labelSelector: "set=a"))
      #expect(list.items.isEmpty)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a conflict names who owns the field, and force takes it`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      _ = try await apply(map("one", "1"), as: "babyhelm", client, namespace)

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await apply(map("one", "2"), as: "somebody", client, namespace)
      }
      let forced = try await apply(
        map("one", "2"), as: "somebody", forced: true, client, namespace)

      #expect(error?.isConflict == true)
      #expect(error?.conflictOwners.map(\.manager) == ["babyhelm"])
      #expect(error?.conflictOwners.map(\.field) == [".data.key"])
      #expect(forced.at("data", "key") == "2")
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `an unknown field is refused with its name`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      var object = map("one", "1")
      object["dta"] = ["key": "1"]
      let wrong = object

      let error = await #expect(throws: KubernetesError.self) {
        _ = try await apply(wrong, as: "babyhelm", client, namespace)
      }

      #expect(error?.isInvalid == true)
      #expect(error.map { String(describing: $0) }?.contains("dta") == true)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a list comes in pages and by label`(cluster: ConformanceCluster) async throws {
    try await cluster.withNamespace { client, namespace in
      for number in 1...7 {
        let label = number.isMultiple(of: 2) ? "even" : "odd"
        _ = try await apply(
          map("map-\(number)", "1", label: label), as: "babyhelm", client, namespace)
      }

      var options = ListOptions(labelSelector: "set in (even,odd)", limit: 3)
      var names: [String] = []
      var pages = 0
      repeat {
        let page = try await client.list(
          CoreV1.ConfigMap.self, namespace: namespace, options)
        names += page.items.map(\.metadata.name)
        options.continueToken = page.continueToken
        pages += 1
      } while options.continueToken != nil
      let odd = try await client.list(
        CoreV1.ConfigMap.self, namespace: namespace, ListOptions(labelSelector: "set=odd"))

      #expect(names == (1...7).map { "map-\($0)" })
      #expect(pages == 3)
      #expect(odd.items.count == 4)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a reflector tells what is there, comes, changes and goes`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.withNamespace { client, namespace in
      _ = try await apply(map("one", "1"), as: "babyhelm", client, namespace)
      let picture = Told()
      let reflector = Reflector(
        CoreV1.ConfigMap.self, client: client, namespace: namespace, labelSelector: "set=a",
        logger: quietLogger
      ) { await picture.take($0) }
      let running = Task { await reflector.run() }
      defer { running.cancel() }

      try await eventually("the list came") { await picture.values == ["one": "1"] }
      _ = try await apply(map("two", "1"), as: "babyhelm", client, namespace)
      try await eventually("the new one came") { await picture.values["two"] == "1" }
      _ = try await apply(map("two", "2"), as: "babyhelm", client, namespace)
      try await eventually("the change came") { await picture.values["two"] == "2" }
      _ = try await client.delete(.configMap, name: "one", namespace: namespace, DeleteOptions())
      try await eventually("one is gone") { await picture.values == ["two": "2"] }
    }
  }

  /// What a reflector told, as a dictionary.
  private actor Told {
    var values: [String: String] = [:]

    func take(_ event: ReflectorEvent<CoreV1.ConfigMap>) {
      switch event {
      case .replaced(let maps):
        values = Dictionary(
          uniqueKeysWithValues: maps.map { ($0.metadata.name, $0.data["key"] ?? "") })
      case .applied(let map): values[map.metadata.name] = map.data["key"]
      case .deleted(let object): values[object.name] = nil
      case .skipped, .heartbeat, .failed: break
      }
    }
  }
}
