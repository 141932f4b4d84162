import Foundation
import Kubernetes
import Testing

/// Decodes whatever the recorded API server sent.
@Suite(.enabled(if: Recorded.folder != nil, Comment(rawValue: Recorded.absence)))
struct RecordedResourceTests {
  /// The typed kinds.
  private static let types: [any KubernetesResource.Type] = [
    CoreV1.Namespace.self, CoreV1.Pod.self, CoreV1.Service.self, CoreV1.ResourceQuota.self,
    CoreV1.LimitRange.self, CoreV1.Event.self, CoreV1.ConfigMap.self, CoreV1.Secret.self,
    CoreV1.ServiceAccount.self, CoreV1.Node.self, CoreV1.PersistentVolumeClaim.self,
    AppsV1.Deployment.self, AppsV1.ReplicaSet.self,
    AutoscalingV2.HorizontalPodAutoscaler.self, NetworkingV1.NetworkPolicy.self,
    NetworkingV1.Ingress.self, DiscoveryV1.EndpointSlice.self,
  ]

  private func type(of object: JSONValue) -> (any KubernetesResource.Type)? {
    Self.types.first {
      $0.type.kind == object["kind"]?.string
        && $0.type.apiVersion == object["apiVersion"]?.string
    }
  }

  @Test func `there are exchanges to learn from`() {
    #expect(Recorded.all.count > 150)
  }

  @Test func `every recorded object and list item of a typed kind is decoded`() throws {
    var kinds: Set<String> = []
    for exchange in Recorded.all {
      var objects = [exchange.body] + exchange.lines.compactMap { $0["object"] }
      let listKind = exchange.body["kind"]?.string ?? ""
      for var item in exchange.body["items"]?.array ?? [] {
        item["kind"] = .string(String(listKind.dropLast("List".count)))
        item["apiVersion"] = exchange.body["apiVersion"]
        objects.append(item)
      }
      for object in objects where object.at("metadata", "name") != nil {
        guard let type = type(of: object) else { continue }
        let resource = try type.init(json: object)
        #expect(resource.metadata.name == object.at("metadata", "name")?.string)
        #expect(resource.metadata.creationTimestamp != nil)
        kinds.insert(type.type.kind)
      }
    }
    #expect(
      kinds.isSuperset(of: [
        "Namespace", "Pod", "Service", "ResourceQuota", "LimitRange", "Event", "ConfigMap",
        "Secret",
        "ServiceAccount", "PersistentVolumeClaim", "Deployment", "ReplicaSet",
        "HorizontalPodAutoscaler", "NetworkPolicy", "Ingress", "EndpointSlice",
      ]))
  }

  @Test func `every recorded body survives writing and reading`() throws {
    for exchange in Recorded.all {
      #expect(try JSONValue(parsing: exchange.body.serialized()) == exchange.body)
    }
  }

  @Test func `every recorded watch line becomes an event`() throws {
    var kinds: [String: Int] = [:]
    for exchange in Recorded.all {
      for line in exchange.lines {
        guard let kind = line["type"]?.string else { continue }
        kinds[kind, default: 0] += 1
        let bytes = line.serialized()
        if exchange.target.contains("/pods?") {
          try check(WatchEvent<CoreV1.Pod>(line: bytes), of: line)
        } else if exchange.target.contains("configmaps"), kind != "ERROR" {
          try check(WatchEvent<CoreV1.ConfigMap>(line: bytes), of: line)
        } else if kind == "ERROR" {
          let error = #expect(throws: KubernetesError.self) {
            try WatchEvent<AppsV1.Deployment>(line: bytes)
          }
          #expect(error?.isExpired == true)
        } else {
          try check(WatchEvent<AppsV1.Deployment>(line: bytes), of: line)
        }
      }
    }
    #expect(Set(kinds.keys) == ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"])
  }

  private func check<R>(_ event: WatchEvent<R>, of line: JSONValue) {
    let name = line.at("object", "metadata", "name")?.string
    switch (event, line["type"]?.string) {
    case (.added(let object), "ADDED"), (.modified(let object), "MODIFIED"),
      (.deleted(let object), "DELETED"):
      #expect(object.metadata.name == name)
    case (.bookmark(let version), "BOOKMARK"):
      #expect(version == line.at("object", "metadata", "resourceVersion")?.string)
    default:
      Issue.record("\(line) became \(event)")
    }
  }

  // MARK: - What the fields say

  private func body(_ file: String, _ method: String, _ target: String) throws -> JSONValue {
    try #require(Recorded.exchange(file, method, target)).body
  }

  @Test func `a deployment past its deadline says so`() throws {
    let deployment = try AppsV1.Deployment(
      json: body("progress-deadline", "GET", "/apis/apps/v1/namespaces/shop/deployments/late"))

    #expect(deployment.status.conditions["Progressing"]?.reason == "ProgressDeadlineExceeded")
    #expect(deployment.status.conditions["Progressing"]?.isTrue == false)
    #expect(deployment.spec.template.containers.first?.image.isEmpty == false)
    #expect(deployment.spec.selector == ["app.kubernetes.io/name": "late"])
  }

  @Test func `pods that don't start say why`() throws {
    let list = try body(
      "failing-pods", "GET",
      "/api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io%2Fname%3Dpull")
    let pod = try CoreV1.Pod(json: #require(list["items"]?[0]))

    let state = try #require(pod.status.containerStatuses.first?.state)
    guard case .waiting(let reason, _) = state else {
      Issue.record("the container isn't waiting: \(state)")
      return
    }
    #expect(["ErrImagePull", "ImagePullBackOff"].contains(reason))
    #expect(pod.status.phase == "Pending")
    #expect(pod.metadata.controller?.kind == "ReplicaSet")
  }

  @Test func `a crashing container tells how it ended last time`() throws {
    let list = try body(
      "failing-pods", "GET",
      "/api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io%2Fname%3Dcrash")
    let pod = try CoreV1.Pod(json: #require(list["items"]?[0]))
    let container = try #require(pod.status.containerStatuses.first)

    #expect(container.restartCount > 0)
    guard case .terminated(let end)? = container.lastState else {
      Issue.record("there is no last state: \(container)")
      return
    }
    #expect(end.exitCode != 0)
    #expect(end.finishedAt != nil)
  }

  @Test func `a quota tells its limits and what is used`() throws {
    let quota = try CoreV1.ResourceQuota(
      json: body("quota-and-limits", "GET", "/api/v1/namespaces/tiny/resourcequotas/project"))

    #expect(quota.hard["requests.cpu"] == Quantity("250m"))
    #expect(quota.enforced == quota.hard)
    #expect(try #require(quota.used["pods"]).value > 0)
  }

  @Test func `an event names its object`() throws {
    let list = try body(
      "failing-pods", "GET", "/api/v1/namespaces/shop/events?fieldSelector=type%3DWarning")
    let events = try #require(list["items"]?.array).map(CoreV1.Event.init(json:))

    #expect(!events.isEmpty)
    for event in events {
      #expect(event.severity == "Warning")
      #expect(!event.involvedObject.name.isEmpty)
      #expect(!event.message.isEmpty)
      #expect(event.lastSeen != nil)
      #expect(event.count >= 1)
    }
    #expect(events.contains { $0.reason == "FailedScheduling" })
  }

  @Test func `a namespace that can't go says what holds it`() throws {
    let namespace = try CoreV1.Namespace(
      json: body("stuck-namespace", "GET", "/api/v1/namespaces/stuck"))

    #expect(namespace.isTerminating)
    #expect(namespace.conditions["NamespaceFinalizersRemaining"]?.isTrue == true)
  }

  @Test func `a secret's values aren't kept`() throws {
    let json = try body("whole-application", "GET", "/api/v1/namespaces/shop/secrets/web")
    let secret = try CoreV1.Secret(json: json)

    #expect(!secret.keys.isEmpty)
    for value in json["data"]?.object?.values.compactMap(\.string) ?? [] {
      #expect(!String(describing: secret).contains(value))
    }
  }

  @Test func `other kinds tell what pages need`() throws {
    let list = try body(
      "deploy", "GET", "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices")
    let slice = try DiscoveryV1.EndpointSlice(json: #require(list["items"]?[0]))
    #expect(slice.serviceName != nil)

    let ingress = try NetworkingV1.Ingress(
      json: body(
        "whole-application", "GET", "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web"))
    #expect(ingress.hosts == ["web.example.com"])
    #expect(ingress.tlsHosts == ["web.example.com"])

    let claim = try CoreV1.PersistentVolumeClaim(
      json: body(
        "whole-application", "GET",
        "/api/v1/namespaces/shop/persistentvolumeclaims/web-data"))
    #expect(claim.requestedStorage == Quantity("1Gi"))

    let autoscaler = try AutoscalingV2.HorizontalPodAutoscaler(
      json: body(
        "autoscaled", "GET",
        "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/auto"))
    #expect(autoscaler.spec.targetName == "auto")
    #expect(autoscaler.spec.metrics.first?.averageUtilization == 70)

    let review = try #require(Recorded.all.first { $0.target.contains("selfsubjectaccess") })
    #expect(try AuthorizationV1.AccessReview(json: review.body).isAllowed)
    let token = try #require(Recorded.all.first { $0.target.hasSuffix("/token") })
    #expect(try AuthenticationV1.Token(json: token.body).value == "REDACTED")
  }
}
