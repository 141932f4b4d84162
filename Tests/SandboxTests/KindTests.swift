import Foundation
import Kubernetes
import Testing

@testable import Sandbox

/// The kinds beside workloads: what is filled in, refused, done and printed.
@Suite(.timeLimit(.minutes(10)))
struct KindTests {
  private func path(_ type: ResourceType, _ name: String? = nil) -> String {
    type.path(namespace: "default", name: name)
  }

  private func object(_ type: ResourceType, _ name: String, _ members: JSONValue) -> JSONValue {
    var object = members
    object["apiVersion"] = .string(type.apiVersion)
    object["kind"] = .string(type.kind)
    object.set(.string(name), at: "metadata", "name")
    return object
  }

  /// The rows of a kind's table, by column.
  private func table(
    _ client: SandboxClient, _ type: ResourceType, wide: Bool = false
  ) async throws -> [[String: String]] {
    let json = try await client.send(
      .get, path(type), headers: ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"]
    ).json
    let columns = (json["columnDefinitions"]?.array ?? []).map {
      ($0["name"]?.string ?? "", $0["priority"]?.int ?? 0)
    }
    return (json["rows"]?.array ?? []).map { row in
      let cells = (row["cells"]?.array ?? []).map { $0.string ?? "" }
      let shown = zip(columns, cells).filter { wide || $0.0.1 == 0 }
      return Dictionary(uniqueKeysWithValues: shown.map { ($0.0.0, $0.1) })
    }
  }

  // MARK: Providers

  @Test func `a claim's volume is there to read, grows with it and goes with it`() async throws {
    try await withSandbox { client in
      let claim = object(
        .persistentVolumeClaim, "data",
        [
          "spec": [
            "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
          ]
        ])
      _ = try await client.apply(path(.persistentVolumeClaim, "data"), claim)
      let bound = try await client.eventually(path(.persistentVolumeClaim, "data")) {
        $0.at("status", "phase") == "Bound"
      }
      let name = try #require(bound.at("spec", "volumeName")?.string)
      let volumePath = Kinds.persistentVolume.path(name: name)
      let volume = try await client.get(volumePath)
      #expect(volume.at("spec", "claimRef", "uid")?.string == bound.uid)
      #expect(volume.at("spec", "capacity", "storage") == "1Gi")
      #expect(volume.at("status", "phase") == "Bound")

      let refused = try await client.send(.delete, volumePath)
      #expect(refused.status == 405)

      _ = try await client.send(
        .patch, path(.persistentVolumeClaim, "data"),
        ["spec": ["resources": ["requests": ["storage": "2Gi"]]]],
        type: "application/merge-patch+json")
      _ = try await client.eventually(volumePath) {
        $0.at("spec", "capacity", "storage") == "2Gi"
      }
      _ = try await client.send(.delete, path(.persistentVolumeClaim, "data"))
      _ = try await client.eventually(volumePath) { $0["code"] == 404 }
    }
  }

  @Test func `OpenAPI 3 tells the fields of each kind`() async throws {
    try await withSandbox { client in
      let document = try await client.get("/openapi/v3/apis/apps/v1")
      let schemas = document.at("components", "schemas")
      let strategy = schemas?.at("DeploymentSpec", "properties", "strategy", "allOf")?[0]
      #expect(strategy?["$ref"] == "#/components/schemas/DeploymentStrategy")
      #expect(schemas?.at("DeploymentStrategy", "properties", "type", "type") == "string")
      #expect(schemas?["ContainerPort"] != nil, "what is in it is there too")
      #expect(schemas?["IngressSpec"] == nil, "what isn't in it isn't")
      let kinds = schemas?.at("Deployment", "x-kubernetes-group-version-kind")?[0]
      let wanted: JSONValue = ["group": "apps", "version": "v1", "kind": "Deployment"]
      #expect(kinds == wanted)
    }
  }

  @Test func `a claim is bound to a volume of its size, and may grow`() async throws {
    try await withSandbox { client in
      let claim = object(
        .persistentVolumeClaim, "data",
        [
          "spec": [
            "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
          ]
        ])
      let made = try await client.send(.post, path(.persistentVolumeClaim), claim).json
      #expect(made.at("status", "phase") == "Pending")

      let place = path(.persistentVolumeClaim, "data")
      let bound = try await client.eventually(place) { $0.at("status", "phase") == "Bound" }
      #expect(bound.at("spec", "volumeName")?.string == "pvc-\(bound.uid)")
      #expect(bound.at("status", "capacity") == ["storage": "1Gi"])
      let rows = try await table(client, .persistentVolumeClaim)
      #expect(rows.first?["Status"] == "Bound")
      #expect(rows.first?["Capacity"] == "1Gi")
      #expect(rows.first?["Access Modes"] == "RWO")

      let merge = "application/merge-patch+json"
      let less = try await client.send(
        .patch, place, ["spec": ["resources": ["requests": ["storage": "1Mi"]]]], type: merge)
      #expect(less.status == 422)
      _ = try await client.send(
        .patch, place, ["spec": ["resources": ["requests": ["storage": "2Gi"]]]], type: merge)
      _ = try await client.eventually(place) { $0.at("status", "capacity", "storage") == "2Gi" }
    }
  }

  @Test func `a Service of the tailnet gets its name, and loses it with its type`() async throws {
    try await withSandbox { client in
      let service = object(
        .service, "web",
        [
          "metadata": ["annotations": ["tailscale.com/hostname": "shop-web"]],
          "spec": [
            "type": "LoadBalancer", "loadBalancerClass": "tailscale",
            "ports": [["port": 80]], "selector": ["app": "web"],
          ],
        ])
      let made = try await client.send(.post, path(.service), service).json
      #expect(made.at("status", "loadBalancer") == [:])

      func names(_ json: JSONValue) -> [String] {
        (json.at("status", "loadBalancer", "ingress")?.array ?? []).compactMap {
          $0["hostname"]?.string
        }
      }
      let place = path(.service, "web")
      _ = try await client.eventually(place) { names($0) == ["shop-web.sandbox.ts.net"] }
      let row = try await table(client, .service).last
      #expect(row?["External-IP"] == "shop-web.sandbox.ts.net")

      let merge = "application/merge-patch+json"
      _ = try await client.send(
        .patch, place, ["metadata": ["annotations": ["tailscale.com/hostname": nil]]],
        type: merge)
      _ = try await client.eventually(place) { names($0) == ["default-web.sandbox.ts.net"] }
      _ = try await client.send(
        .patch, place,
        ["spec": ["type": "ClusterIP", "loadBalancerClass": nil]], type: merge)
      _ = try await client.eventually(place) { names($0) == [] }
    }
  }

  @Test func `another load balancer stays pending, since nobody provides it`() async throws {
    try await withSandbox { client in
      for (name, members) in [("other", ["loadBalancerClass": "cloud"]), ("plain", [:])] {
        var spec: JSONValue = ["type": "LoadBalancer", "ports": [["port": 80]]]
        for (key, value) in members { spec[key] = .string(value) }
        _ = try await client.send(.post, path(.service), object(.service, name, ["spec": spec]))
      }
      let claim = object(
        .ingress, "web",
        ["spec": ["defaultBackend": ["service": ["name": "web", "port": ["number": 80]]]]])
      _ = try await client.send(.post, path(.ingress), claim)
      // By the time that the Ingress has its address, they would have theirs.
      _ = try await client.eventually(path(.ingress, "web")) {
        $0.at("status", "loadBalancer", "ingress")?.array?.first?["ip"] == "192.168.49.2"
      }

      for name in ["other", "plain"] {
        let service = try await client.get(path(.service, name))
        #expect(service.at("status", "loadBalancer") == [:])
      }
      let services = try await table(client, .service)
      #expect(services.map { $0["External-IP"] } == ["<pending>", "<pending>"])
      let row = try await table(client, .ingress).first
      #expect(row?["Address"] == "192.168.49.2")
      #expect(row?["Hosts"] == "*" && row?["Ports"] == "80")
    }
  }

  // MARK: Refusals

  struct Refusal: Sendable, CustomTestStringConvertible {
    var type: ResourceType
    var members: JSONValue
    var field: String
    var reason: String

    var testDescription: String { "\(type) \(field)" }
  }

  private static let group = "rbac.authorization.k8s.io"

  static let refusals: [Refusal] = [
    Refusal(
      type: .podDisruptionBudget, members: ["spec": ["minAvailable": 1, "maxUnavailable": 1]],
      field: "spec", reason: "FieldValueInvalid"),
    Refusal(
      type: .podDisruptionBudget, members: ["spec": ["minAvailable": "half"]],
      field: "spec.minAvailable", reason: "FieldValueInvalid"),
    Refusal(
      type: .podDisruptionBudget, members: ["spec": ["maxUnavailable": "101%"]],
      field: "spec.maxUnavailable", reason: "FieldValueInvalid"),
    Refusal(
      type: .podDisruptionBudget, members: ["spec": ["maxUnavailable": -1]],
      field: "spec.maxUnavailable", reason: "FieldValueInvalid"),
    Refusal(
      type: .ingress, members: ["spec": [:]], field: "spec", reason: "FieldValueInvalid"),
    Refusal(
      type: .persistentVolumeClaim,
      members: ["spec": ["resources": ["requests": ["storage": "1Gi"]]]],
      field: "spec.accessModes", reason: "FieldValueRequired"),
    Refusal(
      type: .secret, members: ["type": "kubernetes.io/tls", "data": ["tls.crt": "YQ=="]],
      field: "data[tls.key]", reason: "FieldValueRequired"),
    Refusal(
      type: .secret, members: ["type": "kubernetes.io/dockerconfigjson"],
      field: "data[.dockerconfigjson]", reason: "FieldValueRequired"),
    Refusal(
      type: .configMap, members: ["data": ["a b": "1"]], field: "data[a b]",
      reason: "FieldValueInvalid"),
    Refusal(
      type: .configMap, members: ["data": ["a": "1"], "binaryData": ["a": "YQ=="]],
      field: "data[a]", reason: "FieldValueInvalid"),
    Refusal(
      type: .role, members: ["rules": [["apiGroups": [""], "resources": ["pods"]]]],
      field: "rules[0].verbs", reason: "FieldValueRequired"),
    Refusal(
      type: .role, members: ["rules": [["verbs": ["get"], "resources": ["pods"]]]],
      field: "rules[0].apiGroups", reason: "FieldValueRequired"),
    Refusal(
      type: .role, members: ["rules": [["verbs": ["get"], "nonResourceURLs": ["/version"]]]],
      field: "rules[0].nonResourceURLs", reason: "FieldValueInvalid"),
    Refusal(
      type: .roleBinding,
      members: ["roleRef": ["apiGroup": .string(group), "kind": "Task", "name": "a"]],
      field: "roleRef.kind", reason: "FieldValueNotSupported"),
    Refusal(
      type: .roleBinding,
      members: [
        "roleRef": ["apiGroup": .string(group), "kind": "Role", "name": "a"],
        "subjects": [["kind": "ServiceAccount", "name": "robot"]],
      ], field: "subjects[0].namespace", reason: "FieldValueRequired"),
    Refusal(
      type: .roleBinding,
      members: [
        "roleRef": ["apiGroup": .string(group), "kind": "Role", "name": "a"],
        "subjects": [["kind": "Robot", "name": "robot"]],
      ], field: "subjects[0].kind", reason: "FieldValueNotSupported"),
  ]

  @Test(arguments: refusals)
  func `what Kubernetes refuses is refused with its field`(refusal: Refusal) async throws {
    try await withSandbox { client in
      let answer = try await client.send(
        .post, path(refusal.type), object(refusal.type, "web", refusal.members))

      #expect(answer.status == 422)
      let causes = answer.json.at("details", "causes")?.array ?? []
      #expect(
        causes.contains {
          $0["field"]?.string == refusal.field && $0["reason"]?.string == refusal.reason
        }, "\(answer.json)")
    }
  }

  @Test(arguments: [ResourceType.configMap, .secret])
  func `what is immutable stays as it is`(type: ResourceType) async throws {
    try await withSandbox { client in
      let data: JSONValue = ["a": "YQ=="]
      _ = try await client.send(
        .post, path(type), object(type, "fixed", ["immutable": true, "data": data]))
      let merge = "application/merge-patch+json"

      for patch: JSONValue in [["data": ["a": "Yg=="]], ["immutable": false]] {
        let answer = try await client.send(.patch, path(type, "fixed"), patch, type: merge)
        #expect(answer.status == 422)
        #expect(
          answer.json["message"]?.string?.contains("field is immutable when `immutable` is set")
            == true)
      }
      let labelled = try await client.send(
        .patch, path(type, "fixed"), ["metadata": ["labels": ["team": "a"]]], type: merge)
      #expect(labelled.status == 200, "what describes it may change")
      let gone = try await client.send(.delete, path(type, "fixed"))
      #expect(gone.status == 200)
    }
  }

  // MARK: Tables and the way of every kind

  struct Sample: Sendable, CustomTestStringConvertible {
    var type: ResourceType
    var members: JSONValue
    /// What its row shows.
    var cells: [String: String]

    var testDescription: String { "\(type)" }
  }

  static let samples: [Sample] = [
    Sample(
      type: .podDisruptionBudget,
      members: ["spec": ["minAvailable": "50%", "selector": ["matchLabels": ["app": "web"]]]],
      cells: ["Min Available": "50%", "Max Unavailable": "N/A", "Allowed Disruptions": "0"]),
    Sample(
      type: .ingress,
      members: [
        "spec": [
          "ingressClassName": "nginx", "tls": [["hosts": ["a.example.com"]]],
          "rules": [["host": "a.example.com"], ["host": "b.example.com"]],
        ]
      ],
      cells: ["Class": "nginx", "Hosts": "a.example.com,b.example.com", "Ports": "80, 443"]),
    Sample(
      type: .secret, members: ["stringData": ["a": "1", "b": "2"]],
      cells: ["Type": "Opaque", "Data": "2"]),
    Sample(
      type: .configMap, members: ["data": ["a": "1"], "binaryData": ["b": "YQ=="]],
      cells: ["Data": "2"]),
    Sample(type: .serviceAccount, members: [:], cells: ["Secrets": "0"]),
    Sample(
      type: .role,
      members: ["rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]],
      cells: [:]),
    Sample(
      type: .roleBinding,
      members: [
        "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": "view"],
        "subjects": [
          ["kind": "User", "name": "ada"],
          ["kind": "ServiceAccount", "name": "robot", "namespace": "default"],
        ],
      ],
      cells: ["Role": "ClusterRole/view", "Users": "ada", "ServiceAccounts": "default/robot"]),
    Sample(
      type: .networkPolicy, members: ["spec": ["podSelector": ["matchLabels": ["app": "web"]]]],
      cells: ["Pod-Selector": "app=web"]),
  ]

  @Test(arguments: samples)
  func `a kind is applied, listed, watched, printed and deleted`(sample: Sample) async throws {
    try await withSandbox { client in
      let type = sample.type
      let applied = try await client.apply(
        path(type, "web"), object(type, "web", sample.members), query: "&fieldValidation=Strict")
      #expect(applied.status == 201, "\(applied.json)")
      let again = try await client.apply(path(type, "web"), object(type, "web", sample.members))
      #expect(again.status == 200)
      let listed = try await client.get(path(type)).items
      #expect(listed.contains { $0.name == "web" })
      let rows = try await table(client, type, wide: true)
      let row = rows.first { $0["Name"] == "web" }
      for (column, text) in sample.cells { #expect(row?[column] == text, "\(column)") }

      let version = applied.json.at("metadata", "resourceVersion")?.string ?? ""
      let deleted = try await client.send(.delete, path(type, "web"))
      #expect(deleted.status == 200)
      let gone = try await client.send(.get, path(type, "web"))
      #expect(gone.status == 404)
      let events = try await client.send(
        .get, "\(path(type))?watch=true&resourceVersion=\(version)&timeoutSeconds=1"
      ).lines
      #expect(events.last?["type"] == "DELETED")
      #expect(events.last?.at("object", "metadata", "name") == "web")
    }
  }
}
