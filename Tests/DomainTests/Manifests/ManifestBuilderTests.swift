import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct ManifestBuilderTests {
  @Test func `there is a sample of each sort`() {
    #expect(SampleManifests.specs.count == 26)
  }

  @Test(arguments: SampleManifests.specs)
  func `Yams reads a manifest as our parser does`(spec: ApplicationSpec) throws {
    for manifest in try SampleManifests.application(spec) {
      #expect(try JSONValue(yaml: manifest.yaml) == manifest.object, "\(manifest.kind)")
    }
  }

  @Test func `Yams reads a project's manifests as our parser does`() throws {
    for manifest in try SampleManifests.ofProject() {
      #expect(try JSONValue(yaml: manifest.yaml) == manifest.object, "\(manifest.kind)")
    }
  }

  @Test(arguments: HostileText.all)
  func `a value comes out byte for byte, whatever it is`(value: String) throws {
    let spec = try ApplicationSpec.sample(
      environment: [("BEFORE", "a"), ("VALUE", value), ("AFTER", "b")])

    let deployment = try #require(try SampleManifests.application(spec).deployment)

    for object in [deployment.object, try JSONValue(yaml: deployment.yaml)] {
      let containers = object.at("spec", "template", "spec", "containers")
      let variables = containers?[0]?["env"]?.array ?? []
      #expect(variables.compactMap { $0["name"]?.string } == ["BEFORE", "VALUE", "AFTER"])
      let read = try #require(variables[1]["value"]?.string)
      #expect(Array(read.utf8) == Array(value.utf8))
      #expect(variables[1].object?.count == 2)
      #expect(containers?.array?.count == 1)
    }
  }

  @Test func `a byte order mark at the start of a value stays`() throws {
    let spec = try ApplicationSpec.sample(environment: [("VALUE", "\u{FEFF}a")])

    let deployment = try #require(try SampleManifests.application(spec).deployment)

    // Only the text is looked at: Foundation, and so Yams, drops such a mark.
    #expect(deployment.yaml.contains(#"value: "\uFEFFa""#))
    let read = deployment.container?["env"]?[0]?["value"]?.string
    #expect(read.map { Array($0.utf8) } == Array("\u{FEFF}a".utf8))
  }

  @Test(arguments: HostileText.all.filter { !$0.isEmpty })
  func `an author's name can't change a manifest`(author: String) throws {
    let plain = try SampleManifests.application(try .sample())
    let stamp = ReleaseStamp(number: 7, author: author)

    let manifests = try SampleManifests.application(try .sample(), stamp: stamp)

    for (manifest, expected) in zip(manifests, plain) {
      var object = try JSONValue(yaml: manifest.yaml)
      let written = object.at("metadata", "annotations", ManifestBuilder.authorAnnotation)
      #expect(written?.string.map { Array($0.utf8) } == Array(author.utf8))
      object["metadata"]?["annotations"]?[ManifestBuilder.authorAnnotation] = "ann@example.org"
      #expect(object == expected.object)
    }
  }

  @Test func `an application has a Service, a Deployment and a disruption budget, in this order`()
    throws
  {
    let manifests = try SampleManifests.application(try .sample())

    #expect(manifests.map(\.kind) == ["Service", "Deployment", "PodDisruptionBudget"])
    #expect(manifests.map(\.name) == ["web", "web", "web"])
    for manifest in manifests {
      let metadata = try #require(manifest.object["metadata"])
      #expect(metadata["namespace"] == "shop")
      let labels: JSONValue = [
        "app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/managed-by": "babyhelm",
      ]
      #expect(metadata["labels"] == labels)
      #expect(metadata.at("annotations", "babyhelm.io/release") == "7")
      #expect(metadata.at("annotations", "babyhelm.io/author") == "ann@example.org")
    }
  }

  @Test func `the Service finds the Deployment's pods`() throws {
    let manifests = try SampleManifests.application(try .sample(port: 8080))
    let service = try #require(manifests.first).object
    let deployment = try #require(manifests.deployment)

    let selector = try #require(service.at("spec", "selector")?.object)
    let template = try #require(deployment.object.at("spec", "template"))
    let labels = try #require(template.at("metadata", "labels")?.object)
    for (key, value) in selector { #expect(labels[key] == value) }
    #expect(deployment.object.at("spec", "selector", "matchLabels")?.object == selector)
    // Two applications must not share pods.
    #expect(selector["app.kubernetes.io/name"] == "web")
    let port = service.at("spec", "ports")?[0]
    #expect(port?["port"] == 8080)
    #expect(port?["targetPort"] == deployment.container?["ports"]?[0]?["name"])
    #expect(deployment.container?["ports"]?[0]?["containerPort"] == 8080)
    #expect(deployment.container?.at("readinessProbe", "tcpSocket", "port") == "http")
  }

  @Test func `without a port there is no Service and no probe`() throws {
    let manifests = try SampleManifests.application(try .sample(port: nil))

    #expect(manifests.map(\.kind) == ["Deployment", "PodDisruptionBudget"])
    #expect(manifests.first?.container?["ports"] == nil)
    #expect(manifests.first?.container?["readinessProbe"] == nil)
  }

  @Test func `a release's number and author don't restart pods`() throws {
    let one = try SampleManifests.application(
      .sample(), stamp: ReleaseStamp(number: 1, author: "ann@example.org"))
    let two = try SampleManifests.application(
      .sample(), stamp: ReleaseStamp(number: 2, author: "bob@example.org"))

    #expect(one.deployment?.object != two.deployment?.object)
    let templates = [one, two].map { $0.deployment?.object.at("spec", "template") }
    #expect(templates[0] != nil)
    #expect(templates[0] == templates[1])
  }

  @Test func `a fixed number is written, an autoscaler's isn't`() throws {
    let fixed = try SampleManifests.application(.sample(scaling: .fixed(replicas: 0)))
    let automatic = try SampleManifests.application(
      .sample(scaling: .automatic(minimum: 2, maximum: 9, targetCPU: 75)))

    #expect(fixed.deployment?.object.at("spec", "replicas") == 0)
    #expect(
      automatic.map(\.kind) == [
        "Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget",
      ])
    #expect(automatic[1].object.at("spec", "replicas") == nil)
    let scaler = try #require(automatic[2].object["spec"])
    let target: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"]
    #expect(scaler["scaleTargetRef"] == target)
    #expect(scaler["minReplicas"] == 2)
    #expect(scaler["maxReplicas"] == 9)
    let metric = scaler["metrics"]?[0]?["resource"]
    #expect(metric?["name"] == "cpu")
    #expect(metric?.at("target", "averageUtilization") == 75)
  }

  @Test func `requests and limits are the specification's`() throws {
    let spec = try ApplicationSpec.sample(
      cpu: "250m", cpuLimit: "1", memory: "64Mi", memoryLimit: "1Gi")
    let unlimited = try SampleManifests.application(.sample())

    let container = try #require(try SampleManifests.application(spec).deployment?.container)

    let resources: JSONValue = [
      "requests": ["cpu": "250m", "memory": "64Mi"], "limits": ["cpu": "1", "memory": "1Gi"],
    ]
    #expect(container["resources"] == resources)
    let limits: JSONValue = ["memory": "256Mi"]
    #expect(unlimited.deployment?.container?.at("resources", "limits") == limits)
  }

  @Test func `pods have no token and no way to more rights`() throws {
    let deployment = try #require(try SampleManifests.application(.sample()).deployment)
    let pod = try #require(deployment.object.at("spec", "template", "spec"))

    #expect(pod["automountServiceAccountToken"] == false)
    #expect(pod["serviceAccountName"] == "project")
    #expect(pod["enableServiceLinks"] == false)
    #expect(pod.at("securityContext", "seccompProfile", "type") == "RuntimeDefault")
    #expect(
      deployment.container?.at("securityContext", "allowPrivilegeEscalation") == false)
  }

  @Test func `an update never takes pods away before others serve`() throws {
    let deployment = try #require(try SampleManifests.application(.sample()).deployment).object
    let update = deployment.at("spec", "strategy", "rollingUpdate")

    #expect(update?["maxUnavailable"] == 0)
    // The quota arithmetic counts on it.
    #expect(update?["maxSurge"]?.int == (try ApplicationSpec.sample()).surge)
  }

  @Test func `a project's guards say what the project says`() throws {
    let manifests = try SampleManifests.ofProject()
    let byKind = Dictionary(uniqueKeysWithValues: manifests.map { ($0.kind, $0.object) })

    #expect(
      manifests.map(\.kind) == [
        "Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "ServiceAccount",
      ])
    let labels = byKind["Namespace"]?.at("metadata", "labels")
    #expect(labels?["pod-security.kubernetes.io/enforce"] == "baseline")
    #expect(labels?[ManifestBuilder.projectLabel]?.string == SampleManifests.project.id.rawValue)
    #expect(byKind["Namespace"]?.at("metadata", "namespace") == nil)
    let hard: JSONValue = [
      "requests.cpu": "4", "requests.memory": "8Gi", "limits.memory": "8Gi", "pods": "50",
      "services.nodeports": "0", "requests.storage": "50Gi",
    ]
    #expect(byKind["ResourceQuota"]?.at("spec", "hard") == hard)
    #expect(byKind["ServiceAccount"]?["automountServiceAccountToken"] == false)
    let admitted = byKind["NetworkPolicy"]?.at("spec", "ingress")?[0]?["from"]?.array ?? []
    let own: JSONValue = ["podSelector": [:]]
    #expect(admitted.first == own)
    #expect(admitted.count == 1 + ManifestSettings().admittedNamespaces.count)
  }

  @Test func `without admitted namespaces only the project's own pods get in`() throws {
    var builder = ManifestBuilder()
    builder.settings.admittedNamespaces = []

    let guards = try builder.guards(of: SampleManifests.project)

    let policy = try #require(guards.first { $0.kind == "NetworkPolicy" }).object
    let from: JSONValue = [["podSelector": [:]]]
    #expect(policy.at("spec", "ingress")?[0]?["from"] == from)
  }

  @Test func `egress is left alone unless it is closed`() throws {
    let policy = try networkPolicy(ManifestSettings())

    let types: JSONValue = ["Ingress"]
    #expect(policy.at("spec", "policyTypes") == types)
    #expect(policy.at("spec", "egress") == nil)
  }

  @Test func `closed egress leads to DNS, the project's pods and what is allowed`() throws {
    let policy = try networkPolicy(SampleManifests.closedEgress(["10.0.0.0/8", "fd00::/8"]))

    let types: JSONValue = ["Ingress", "Egress"]
    #expect(policy.at("spec", "policyTypes") == types)
    let rules: JSONValue = [
      [
        "to": [
          [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]],
            "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
          ]
        ],
        "ports": [["port": 53, "protocol": "UDP"], ["port": 53, "protocol": "TCP"]],
      ],
      [
        "to": [
          ["podSelector": [:]], ["ipBlock": ["cidr": "10.0.0.0/8"]],
          ["ipBlock": ["cidr": "fd00::/8"]],
        ]
      ],
    ]
    #expect(policy.at("spec", "egress") == rules)
  }

  private func networkPolicy(_ settings: ManifestSettings) throws -> JSONValue {
    let manifests = try SampleManifests.ofProject(settings: settings)
    return try #require(manifests.first { $0.kind == "NetworkPolicy" }).object
  }

  @Test func `a preview renders a draft without a cluster`() throws {
    let draft = ApplicationDraft.sample { $0.isAutoscaled = true }

    let manifests = try ManifestPreview(draft).render(project: "shop")

    #expect(manifests.map(\.kind) == ["Service", "Deployment", "HorizontalPodAutoscaler"])
    #expect(manifests.allSatisfy { $0.name == "web" && $0.yaml.contains("namespace: \"shop\"") })
    #expect(throws: DomainError.self) { try ManifestPreview(.sample { $0.name = "" }) }
  }
}
