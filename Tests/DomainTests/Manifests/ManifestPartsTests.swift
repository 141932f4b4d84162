import Kubernetes
import Testing

@testable import Domain

/// What each part of a specification becomes on the cluster.
struct ManifestPartsTests {
  private func manifests(
    podSecurity: PodSecurityLevel = .baseline, settings: ManifestSettings = ManifestSettings(),
    _ change: (inout ApplicationDraft) -> Void
  ) throws -> [Manifest] {
    try SampleManifests.application(
      ApplicationDraft.sample(change).validated(), podSecurity: podSecurity, settings: settings)
  }

  private func container(_ change: (inout ApplicationDraft) -> Void) throws -> JSONValue {
    try #require(try manifests(change).deployment?.container)
  }

  @Test func `hundreds of specifications were generated`() {
    #expect(GeneratedSpecs.all.count == 300)
  }

  @Test func `Yams reads every generated manifest as our parser does`() throws {
    for spec in GeneratedSpecs.all {
      for manifest in try SampleManifests.application(spec, podSecurity: .restricted) {
        let read = try JSONValue(yaml: manifest.yaml)
        #expect(read == manifest.object, "\(manifest.kind) of \(spec.name)")
      }
    }
  }

  @Test func `command and arguments are words, one a line`() throws {
    let container = try container {
      $0.command = "sh\n-c\n"
      $0.arguments = "echo \"a: b\"\n  two words"
    }

    let command: JSONValue = ["sh", "-c"]
    let arguments: JSONValue = ["echo \"a: b\"", "  two words"]
    #expect(container["command"] == command)
    #expect(container["args"] == arguments)
  }

  @Test func `every port is the container's and the Service's`() throws {
    let manifests = try manifests {
      $0.morePorts = [
        .init(number: "8443", transport: "TCP"), .init(number: "80", transport: "UDP"),
      ]
    }

    let names: [JSONValue?] = ["http", "tcp-8443", "udp-80"]
    let service = try #require(manifests.first).object.at("spec", "ports")?.array ?? []
    #expect(service.map { $0["name"] } == names)
    #expect(service.map { $0["protocol"] } == ["TCP", "TCP", "UDP"])
    #expect(service.map { $0["targetPort"] } == names)
    #expect(manifests.deployment?.container?["ports"]?.array?.map { $0["name"] } == names)
  }

  @Test func `a GET is the readiness probe, and the liveness probe when asked for`() throws {
    let container = try container {
      $0.healthCheck = "http"
      $0.healthPath = "/healthz"
      $0.restartsUnhealthy = true
      $0.startSeconds = "61"
    }

    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
      #expect(container.at(probe, "httpGet", "path") == "/healthz")
      #expect(container.at(probe, "httpGet", "port") == "http")
    }
    #expect(container.at("startupProbe", "failureThreshold") == 13)
    #expect(container.at("startupProbe", "periodSeconds") == 5)
  }

  @Test func `without an allowance to start there is no startup probe`() throws {
    let container = try container { $0.healthCheck = "connect" }

    #expect(container["readinessProbe"] != nil)
    #expect(container["livenessProbe"] == nil)
    #expect(container["startupProbe"] == nil)
  }

  @Test func `a slow start moves the deadline of the rollout`() throws {
    let deployment = try #require(try manifests { $0.startSeconds = "600" }.deployment).object

    #expect(deployment.at("spec", "progressDeadlineSeconds") == 900)
  }

  @Test func `files are an immutable ConfigMap mounted at their paths`() throws {
    let manifests = try manifests {
      $0.files = [
        .init(path: "/etc/app.conf", content: "a: 1\n"), .init(path: "/etc/b", content: "{{"),
      ]
    }
    let map = try #require(manifests.first { $0.kind == "ConfigMap" })

    #expect(map.object["immutable"] == true)
    #expect(map.object.at("data", "file-1") == "a: 1\n")
    #expect(map.object.at("data", "file-2") == "{{")
    let pod = try #require(manifests.deployment?.object.at("spec", "template", "spec"))
    #expect(pod["volumes"]?[0]?.at("configMap", "name")?.string == map.name)
    let mounts = pod["containers"]?[0]?["volumeMounts"]?.array ?? []
    #expect(mounts.map { $0["mountPath"] } == ["/etc/app.conf", "/etc/b"])
    #expect(mounts.map { $0["subPath"] } == ["file-1", "file-2"])
    #expect(manifests.map(\.kind).firstIndex(of: "ConfigMap") == 0)
  }

  @Test func `a variable from a Secret names it and its key, never a value`() throws {
    let container = try container {
      $0.environment = [.init(name: "MODE", value: "fast")]
      $0.secrets = [.init(name: "PASSWORD", reference: "database/password")]
    }

    let variables: JSONValue = [
      ["name": "MODE", "value": "fast"],
      [
        "name": "PASSWORD",
        "valueFrom": ["secretKeyRef": ["name": "database", "key": "password"]],
      ],
    ]
    #expect(container["env"] == variables)
  }

  @Test func `another content is another ConfigMap and makes new pods`() throws {
    func pair(_ content: String) throws -> (name: String?, checksum: JSONValue?) {
      let manifests = try manifests { $0.files = [.init(path: "/etc/app.conf", content: content)] }
      let template = manifests.deployment?.object.at("spec", "template", "metadata")
      return (
        manifests.first { $0.kind == "ConfigMap" }?.name,
        template?.at("annotations", "checksum/config")
      )
    }
    let (one, same, other) = (try pair("a"), try pair("a"), try pair("b"))

    #expect(one.name == same.name && one.checksum == same.checksum)
    #expect(one.name != other.name && one.checksum != other.checksum)
    #expect(one.checksum?.string?.count == 64)
  }

  @Test func `a volume is a claim, and all pods stop before new ones start`() throws {
    let manifests = try manifests {
      $0.replicas = "1"
      $0.volumes = [.init(path: "/var/lib/Data", size: "10Gi")]
      $0.userID = "1000"
    }
    let claim = try #require(manifests.first { $0.kind == "PersistentVolumeClaim" })

    #expect(claim.name == "web-var-lib-data")
    #expect(claim.object.at("spec", "resources", "requests", "storage") == "10Gi")
    let spec = try #require(manifests.deployment?.object["spec"])
    #expect(spec.at("strategy", "type") == "Recreate")
    #expect(spec.at("strategy", "rollingUpdate") == nil)
    let pod = spec.at("template", "spec")
    #expect(
      pod?["volumes"]?[0]?.at("persistentVolumeClaim", "claimName")?.string == claim.name)
    #expect(pod?.at("securityContext", "runAsUser") == 1000)
    #expect(pod?.at("securityContext", "fsGroup") == 1000)
  }

  @Test func `an update's settings are numbers or percentages`() throws {
    let strategy = try #require(
      try manifests {
        $0.surge = "25%"
        $0.unavailable = "1"
      }.deployment?.object.at("spec", "strategy", "rollingUpdate"))

    #expect(strategy["maxSurge"] == "25%")
    #expect(strategy["maxUnavailable"] == 1)
  }

  @Test func `an Ingress leads to the main port, with the host's certificate`() throws {
    var settings = ManifestSettings()
    settings.ingressClass = "nginx"
    let manifests = try manifests(settings: settings) {
      $0.exposure = "ingress"
      $0.host = "Web.Example.com"
    }
    let spec = try #require(manifests.first { $0.kind == "Ingress" }?.object["spec"])

    #expect(spec["ingressClassName"] == "nginx")
    #expect(spec["rules"]?[0]?["host"] == "web.example.com")
    #expect(spec["tls"]?[0]?["hosts"]?[0] == "web.example.com")
    #expect(spec["tls"]?[0]?["secretName"] == "web-tls")
    let backend = spec["rules"]?[0]?["http"]?["paths"]?[0]?.at("backend", "service")
    #expect(backend?["name"] == "web")
    #expect(backend?.at("port", "name") == "http")
  }

  @Test func `in the tailnet the Service is a load balancer without node ports`() throws {
    let service = try #require(
      try manifests {
        $0.exposure = "tailnet"
        $0.tailnetName = "shop-web"
      }.first
    ).object

    #expect(service.at("spec", "type") == "LoadBalancer")
    #expect(service.at("spec", "loadBalancerClass") == "tailscale")
    #expect(service.at("spec", "allocateLoadBalancerNodePorts") == false)
    #expect(service.at("metadata", "annotations", "tailscale.com/hostname") == "shop-web")
  }

  @Test(arguments: [("0", false), ("1", false), ("2", true), ("9", true)])
  func `only several replicas have a disruption budget`(replicas: String, has: Bool) throws {
    let kinds = try manifests { $0.replicas = replicas }.map(\.kind)

    #expect(kinds.contains("PodDisruptionBudget") == has)
  }

  @Test func `a restricted project's pods are never root and have no capabilities`() throws {
    let deployment = try #require(try manifests(podSecurity: .restricted) { _ in }.deployment)
    let usual = try #require(try manifests { _ in }.deployment)

    let pod = deployment.object.at("spec", "template", "spec", "securityContext")
    #expect(pod?["runAsNonRoot"] == true)
    let drop: JSONValue = ["ALL"]
    #expect(deployment.container?.at("securityContext", "capabilities", "drop") == drop)
    #expect(usual.container?.at("securityContext", "capabilities") == nil)
  }

  @Test func `a private image is pulled with the Secret's login`() throws {
    let deployment = try #require(try manifests { $0.pullSecret = "registry" }.deployment)

    let secrets: JSONValue = [["name": "registry"]]
    #expect(deployment.object.at("spec", "template", "spec", "imagePullSecrets") == secrets)
  }

  @Test func `more replicas don't make new pods`() throws {
    let templates = try ["1", "2", "9"].map { replicas in
      try manifests { $0.replicas = replicas }.deployment?.object.at("spec", "template")
    }

    #expect(templates[0] != nil)
    #expect(templates[0] == templates[1] && templates[1] == templates[2])
  }
}
