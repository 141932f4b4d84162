import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// Each cause as it shows on a cluster, from the deploy to the page.
struct DiagnosisInSandboxTests {
  /// Waits until a diagnosis of an application is as wanted.
  @discardableResult
  private static func expect(
    _ id: String?, of name: String, in fixture: DeployingFixture
  ) async throws -> Diagnosis? {
    var seen: Diagnosis?
    var health = Health.unknown
    do {
      try await eventually("\(name): \(id ?? "healthy")") {
        let detail = try await fixture.domain.applications.application(
          named: name, in: "shop", as: fixture.ann)
        seen = await fixture.releases.diagnosis(of: detail)
        health = detail.status.health
        return seen?.id == id && (id != nil || health == .healthy)
      }
    } catch {
      Issue.record("\(name) is \(health): \(seen?.id ?? "-"), \(seen?.evidence ?? "")")
      throw error
    }
    return seen
  }

  private struct Fate: Sendable {
    let name: String
    let id: String
    let field: Diagnosis.Field
    let change: @Sendable (inout ApplicationDraft) -> Void
    /// What is typed into the field that the diagnosis leads to.
    let cure: @Sendable (inout ApplicationDraft) -> Void
  }

  private static let fates: [Fate] = [
    Fate(name: "pull", id: "image-not-found", field: .image) {
      $0.image = "registry.example.com/broken:1"
    } cure: {
      $0.image = "nginx:1.27"
    },
    Fate(name: "login", id: "registry-login", field: .registryUser) {
      $0.image = "registry.example.com/team/private:1"
    } cure: {
      $0.registryUser = "robot"
      $0.registryPassword = "typed"
    },
    Fate(name: "far", id: "registry-unreachable", field: .image) {
      $0.image = "unreachable.example.com/web:1"
    } cure: {
      $0.image = "registry.example.com/web:1"
    },
    Fate(name: "memory", id: "out-of-memory", field: .memoryLimit) {
      $0.image = "oom:1"
    } cure: {
      $0.memoryLimit = "1Gi"
    },
    Fate(name: "port", id: "port-silent", field: .port) {
      $0.image = "deaf:1"
    } cure: {
      $0.port = "8080"
    },
    Fate(name: "probe", id: "probe-failing", field: .healthPath) {
      $0.image = "unready:1"
      $0.healthCheck = "http"
      $0.healthPath = "/"
    } cure: {
      $0.healthPath = "/healthz"
    },
    Fate(name: "processors", id: "program-architecture", field: .image) {
      $0.image = "web/arch:1"
    } cure: {
      $0.image = "web/multi:1"
    },
    Fate(name: "crashing", id: "crash-loop", field: .environment) {
      $0.image = "crash:1"
    } cure: {
      $0.image = "nginx:1.27"
    },
    Fate(name: "room", id: "no-room", field: .cpuRequest) {
      $0.cpuRequest = "100"
    } cure: {
      $0.cpuRequest = "100m"
    },
  ]

  @Test func `each fate is explained, and the field it leads to cures it`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject { draft in
        draft.cpu = "300"
        draft.memory = "64Gi"
        draft.pods = "60"
      }
      for fate in Self.fates {
        let draft = DeployingFixture.draft(fate.name, replicas: 1, change: fate.change)
        _ = try await fixture.deploy(draft)
      }
      for fate in Self.fates {
        let found = try await Self.expect(fate.id, of: fate.name, in: fixture)
        #expect(found?.field == fate.field, "\(fate.name)")
        #expect(found?.evidence.isEmpty == false, "\(fate.name)")
      }
      try await eventually("the last lines are known") {
        let found = try await Self.expect("crash-loop", of: "crashing", in: fixture)
        return found?.lastLines.last == "fatal: could not start: configuration is missing"
      }

      for fate in Self.fates {
        let draft = DeployingFixture.draft(fate.name, replicas: 1) { draft in
          fate.change(&draft)
          fate.cure(&draft)
        }
        _ = try await fixture.deploy(draft, replacing: fate.name)
      }
      for fate in Self.fates {
        try await Self.expect(nil, of: fate.name, in: fixture)
        #expect(try await fixture.ended(2, of: fate.name).state == .succeeded, "\(fate.name)")
      }
    }
  }

  @Test func `an image that runs as root is cured by a user id`() async throws {
    try await withDeploying(.sqlite) { fixture in
      var draft = ProjectDraft()
      draft.name = "shop"
      draft.podSecurity = PodSecurityLevel.restricted.rawValue
      _ = try await fixture.projects.create(draft, as: fixture.admin)
      let image = "registry.example.com/root:1"
      func deploy(_ draft: ApplicationDraft, replacing: String? = nil) async throws {
        _ = try await fixture.deploy(draft, replacing: replacing, as: fixture.admin)
      }
      try await deploy(DeployingFixture.draft(image: image, replicas: 1))
      try await eventually("it is refused") {
        let detail = try await fixture.domain.applications.application(
          named: "web", in: "shop", as: fixture.admin)
        let found = await fixture.releases.diagnosis(of: detail)
        return found?.id == "runs-as-root" && found?.field == .userID
      }

      try await deploy(
        DeployingFixture.draft(image: image, replicas: 1) { $0.userID = "1000" },
        replacing: "web")

      try await eventually("it serves") {
        try await fixture.domain.applications.application(
          named: "web", in: "shop", as: fixture.admin
        ).status.health == .healthy
      }
    }
  }

  @Test func `a quota that is too small is cured by fewer replicas`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject { $0.pods = "3" }
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 6))
      let found = try await Self.expect("quota", of: "web", in: fixture)
      #expect(found?.field == .replicas)

      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 2), replacing: "web")

      try await Self.expect(nil, of: "web", in: fixture)
    }
  }

  @Test func `a replica beyond the project's limits is told, and its field cures it`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let limits: JSONValue = [
        "spec": ["limits": [["type": "Container", "max": ["memory": "64Mi"]]]]
      ]
      _ = try await fixture.cluster.kubernetes.mergePatch(
        limits, .limitRange, name: "project", namespace: "shop")
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1))
      let found = try await Self.expect("limit-range", of: "web", in: fixture)
      #expect(found?.field == .memoryLimit)

      let smaller = DeployingFixture.draft(replicas: 1) {
        ($0.memoryRequest, $0.memoryLimit) = ("32Mi", "64Mi")
      }
      _ = try await fixture.deploy(smaller, replacing: "web")
      try await Self.expect(nil, of: "web", in: fixture)
    }
  }

  @Test func `what others do to an application is explained`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let cluster = fixture.cluster.kubernetes
      func patch(_ name: String, _ template: JSONValue) async throws {
        _ = try await cluster.mergePatch(
          ["spec": ["template": ["spec": template]]], .deployment, name: name, namespace: "shop",
          WriteOptions(fieldManager: "kubectl"))
      }
      for name in ["early", "secure", "held", "shared"] {
        _ = try await fixture.deploy(DeployingFixture.draft(name, replicas: 1))
        _ = try await fixture.ended(1, of: name)
      }

      try await patch("early", ["initContainers": [["name": "migrate", "image": "crash:1"]]])
      let early = try await Self.expect("init-container", of: "early", in: fixture)
      #expect(early?.sentence.contains("“migrate”, fails with exit code 1") == true)

      try await patch("secure", ["hostNetwork": true])
      try await Self.expect("pod-security", of: "secure", in: fixture)

      _ = try await cluster.mergePatch(
        ["spec": ["paused": true, "template": ["spec": ["terminationGracePeriodSeconds": 5]]]],
        .deployment, name: "held", namespace: "shop", WriteOptions(fieldManager: "kubectl"))
      try await Self.expect("paused", of: "held", in: fixture)

      let labels: JSONValue = [
        ManifestBuilder.nameLabel: "shared",
        ManifestBuilder.managedByLabel: .string(ManifestBuilder.managedByValue),
      ]
      let pod: JSONValue = [
        "containers": [
          [
            "name": "app", "image": "nginx:1.27",
            "resources": [
              "requests": ["cpu": "10m", "memory": "16Mi"], "limits": ["memory": "16Mi"],
            ],
          ]
        ]
      ]
      _ = try await cluster.create(
        [
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "theirs"],
          "spec": [
            "selector": ["matchLabels": labels],
            "template": ["metadata": ["labels": labels], "spec": pod],
          ],
        ], .deployment, namespace: "shop")
      let clash = try await Self.expect("selector-clash", of: "shared", in: fixture)
      #expect(clash?.evidence.contains("theirs-") == true)
    }
  }

  @Test func `a Secret that is gone is told, and its field cures it`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let cluster = fixture.cluster.kubernetes
      _ = try await cluster.create(
        [
          "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "database"],
          "data": ["password": "b25l"],
        ], .secret, namespace: "shop")
      let draft = DeployingFixture.draft(replicas: 1) {
        $0.secrets = [.init(name: "PASSWORD", reference: "database/password")]
      }
      _ = try await fixture.deploy(draft)
      _ = try await fixture.ended(1)

      _ = try await cluster.delete(.secret, name: "database", namespace: "shop", DeleteOptions())
      for pod in try await cluster.list(CoreV1.Pod.self, namespace: "shop").items {
        _ = try await cluster.delete(
          .pod, name: pod.metadata.name, namespace: "shop", DeleteOptions())
      }
      let found = try await Self.expect("configuration-missing", of: "web", in: fixture)
      #expect(found?.evidence == "secret \"database\" not found")
      #expect(found?.field == .secrets)

      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1), replacing: "web")
      try await Self.expect(nil, of: "web", in: fixture)
    }
  }

  @Test func `a claim of an unknown storage class leaves its pod unplaced`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      var settings = ManifestSettings()
      settings.storageClass = "unknown"
      let services = DeployingFixture.services(
        fixture.database, fixture.cluster.kubernetes, settings: settings)
      let draft = DeployingFixture.draft(replicas: 1) {
        $0.volumes = [.init(path: "/data", size: "1Gi")]
      }
      let plan = try await services.releases.plan(draft, in: "shop", as: fixture.ann)
      _ = try await services.releases.deploy(
        draft, in: "shop", confirming: plan.hash, as: fixture.ann)

      let found = try await Self.expect("volume-unbound", of: "web", in: fixture)

      #expect(found?.evidence.contains("storageclass.storage.k8s.io \"unknown\" not found") == true)
    }
  }

  @Test func `an autoscaler without measurements is told, and a fixed number cures it`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let image = "nometrics:1"
      _ = try await fixture.deploy(
        DeployingFixture.draft(image: image) {
          $0.isAutoscaled = true
          $0.minimumReplicas = "2"
        })
      let found = try await Self.expect("autoscaler-no-metrics", of: "web", in: fixture)
      #expect(found?.field == .autoscaling)
      #expect(try await fixture.ended(1).state == .succeeded)

      _ = try await fixture.deploy(DeployingFixture.draft(image: image), replacing: "web")

      try await Self.expect(nil, of: "web", in: fixture)
    }
  }

  @Test func `a deadline that passes without another reason is told`() async throws {
    try await withDeploying(.sqlite, speed: 400) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: "notready:1", replicas: 1))

      let found = try await Self.expect("progress-deadline", of: "web", in: fixture)

      #expect(found?.field == .startSeconds)
    }
  }
}
