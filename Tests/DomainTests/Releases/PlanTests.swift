import Kubernetes
import Testing

@testable import Domain

struct PlanTests {
  private static func step(
    kind: String = "Deployment", name: String = "web", _ action: Plan.Step.Action,
    yaml: String = "kind: Deployment"
  ) -> Plan.Step {
    Plan.Step(kind: kind, name: name, action: action, yaml: yaml)
  }

  private static func change(
    _ path: String, _ old: String?, _ new: String?
  ) -> Plan.Step.Action {
    .change([FieldChange(path: path, old: old, new: new)])
  }

  private static func project(id: String = "p1", uid: String? = "u1") -> Project {
    let sample = SampleManifests.project
    return Project(
      id: Project.ID(rawValue: id), name: sample.name, quota: sample.quota,
      podSecurity: sample.podSecurity, state: .ready,
      namespaceUID: uid, createdBy: sample.createdBy, createdAt: sample.createdAt)
  }

  // MARK: Hash

  private static let steps = [
    step(kind: "Service", .nothing), step(change("spec.replicas", "1", "2")),
    step(kind: "HorizontalPodAutoscaler", .delete, yaml: ""),
  ]

  @Test func `the same plan has the same hash`() {
    let hash = Planner.hash(project: Self.project(), number: 3, steps: Self.steps)

    #expect(hash == Planner.hash(project: Self.project(), number: 3, steps: Self.steps))
    #expect(hash.count == 64)
    #expect(hash.utf8.allSatisfy { ASCII.isLowercaseHex($0) })
  }

  @Test func `anything that differs makes another hash`() {
    let project = Self.project()
    func hash(_ steps: [Plan.Step], _ number: Int = 3) -> String {
      Planner.hash(project: project, number: number, steps: steps)
    }
    var hashes = [
      hash(Self.steps), hash(Self.steps, 4), hash([]), hash(Self.steps.reversed()),
      hash(Array(Self.steps.dropLast())), hash(Self.steps + Self.steps),
      Planner.hash(project: Self.project(id: "p2"), number: 3, steps: Self.steps),
      Planner.hash(project: Self.project(uid: "u2"), number: 3, steps: Self.steps),
      Planner.hash(project: Self.project(uid: nil), number: 3, steps: Self.steps),
    ]
    let variants: [Plan.Step] = [
      Self.step(.create), Self.step(.nothing), Self.step(.delete), Self.step(.change([])),
      Self.step(kind: "Service", .create), Self.step(name: "api", .create),
      Self.step(.create, yaml: "kind: Service"), Self.step(Self.change("a", "1", "2")),
      Self.step(Self.change("b", "1", "2")), Self.step(Self.change("a", "0", "2")),
      Self.step(Self.change("a", "1", "3")), Self.step(Self.change("a", nil, "2")),
      Self.step(Self.change("a", "", "2")), Self.step(Self.change("a", "1", nil)),
      Self.step(Self.change("a", "1", "")), Self.step(Self.change("a1", "", "2")),
      Self.step(Self.change("a", "12", "")),
    ]
    hashes += variants.map { hash([$0]) }

    #expect(Set(hashes).count == hashes.count)
  }

  @Test func `every change of a specification makes another hash`() throws {
    let specs: [ApplicationSpec] = [
      try .sample(), try .sample(name: "api"), try .sample(image: "nginx:1.28"),
      try .sample(port: 81), try .sample(port: nil), try .sample(scaling: .fixed(replicas: 3)),
      try .sample(scaling: .automatic(minimum: 1, maximum: 2, targetCPU: 80)),
      try .sample(scaling: .automatic(minimum: 2, maximum: 2, targetCPU: 80)),
      try .sample(scaling: .automatic(minimum: 1, maximum: 3, targetCPU: 80)),
      try .sample(scaling: .automatic(minimum: 1, maximum: 2, targetCPU: 81)),
      try .sample(cpu: "101m"), try .sample(cpuLimit: "1"), try .sample(memory: "129Mi"),
      try .sample(memoryLimit: "257Mi"), try .sample(environment: [("A", "")]),
      try .sample(environment: [("A", " ")]), try .sample(environment: [("B", "")]),
      try .sample(environment: [("A", ""), ("B", "")]),
      try .sample(environment: [("B", ""), ("A", "")]),
    ]

    let hashes = try specs.map { spec in
      let steps = try SampleManifests.application(spec).map {
        Plan.Step(kind: $0.kind, name: $0.name, action: .create, yaml: $0.yaml)
      }
      return Planner.hash(project: Self.project(), number: 1, steps: steps)
    }

    #expect(Set(hashes).count == specs.count)
  }

  // MARK: Warnings

  @Test func `an image without a fixed version is warned about`() throws {
    let latest = try Planner.warnings(about: .sample(image: "nginx"))

    #expect(latest.count == 1)
    #expect(latest.first?.contains("“nginx” has no fixed version") == true)
    #expect(try Planner.warnings(about: .sample(image: "nginx:1.27")).isEmpty)
  }

  @Test func `an application with no replicas is warned about`() throws {
    let none = try Planner.warnings(about: .sample(scaling: .fixed(replicas: 0)))

    #expect(none == ["With 0 replicas nothing runs."])
    #expect(
      try Planner.warnings(
        about: .sample(scaling: .automatic(minimum: 1, maximum: 2, targetCPU: 80))
      ).isEmpty)
  }

  @Test(arguments: [
    ("nginx:1.27", 8080, 80), ("docker.io/library/httpd:2.4", 8080, 80), ("postgres:17", 80, 5432),
    ("redis:7", 80, 6379), ("mysql:8", 80, 3306), ("mariadb:11", 80, 3306), ("mongo:8", 80, 27017),
    ("rabbitmq:4", 80, 5672), ("nodered/node-red:4", 80, 1880), ("grafana/grafana:12", 80, 3000),
    ("prom/prometheus:v3.0.0", 80, 9090), ("quay.io/prometheus/prometheus:v3.0.0", 80, 9090),
  ])
  func `a port that an image doesn't usually listen on is warned about`(
    image: String, port: Int, usual: Int
  ) throws {
    let warnings = try Planner.warnings(about: .sample(image: image, port: port))

    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("usually listens on port \(usual), not on \(port)") == true)
    #expect(try Planner.warnings(about: .sample(image: image, port: usual)).isEmpty)
    #expect(try Planner.warnings(about: .sample(image: image, port: nil)).isEmpty)
  }

  @Test func `nothing is said about the port of an image we don't know, or a command we do`() throws
  {
    for image in ["registry.example.com/nginx:1", "team/nginx:1", "web:1"] {
      #expect(try Planner.warnings(about: .sample(image: image, port: 8080)).isEmpty)
    }
    var spec = try ApplicationSpec.sample(port: 8080)
    spec.command = ["nginx", "-c", "/etc/other.conf"]
    #expect(Planner.warnings(about: spec).isEmpty)
    spec.command = []
    spec.ports.append(.init(number: 80))
    #expect(Planner.warnings(about: spec).isEmpty)
  }

  @Test func `that one replica is away now and then is said once`() throws {
    let one = try ApplicationSpec.sample(scaling: .fixed(replicas: 1))
    let first = Planner.warnings(about: one)

    #expect(
      first == ["With one replica, it is away for a moment whenever its node is emptied."])
    #expect(Planner.warnings(about: one, replacing: one).isEmpty)
    #expect(Planner.warnings(about: one, replacing: try .sample()) == first)
    #expect(try Planner.warnings(about: .sample(scaling: .fixed(replicas: 2))).isEmpty)
  }

  @Test func `Pod Security's warning is put into plain words, others stay`() {
    let security = "would violate PodSecurity \"restricted:latest\": runAsNonRoot != true"

    #expect(Planner.inPlainWords(security).hasPrefix("These pods may run as root"))
    #expect(Planner.inPlainWords("unknown field \"spec.x\"") == "unknown field \"spec.x\"")
    let enforced = "would violate PodSecurity \"baseline:latest\": hostNetwork"
    #expect(Planner.inPlainWords(enforced) == enforced)
  }

  // MARK: Ownership

  @Test func `only what carries our label is ours`() throws {
    let manifest = try #require(try SampleManifests.application(.sample()).first)

    #expect(throws: Never.self) { try Planner.requireOurs(manifest.object, manifest) }
    for labels in [
      [:], ["app.kubernetes.io/managed-by": "Helm"], ["app.kubernetes.io/name": "web"],
      ["app.kubernetes.io/managed-by": ""],
    ] as [JSONValue] {
      var foreign = manifest.object
      foreign["metadata"]?["labels"] = labels
      let error = #expect(throws: DomainError.self) {
        try Planner.requireOurs(foreign, manifest)
      }
      #expect(error?.reason == .conflict)
      #expect(error?.message.contains("Service “web”") == true)
    }
  }

  @Test func `a plan is empty when every step does nothing`() throws {
    func plan(_ actions: [Plan.Step.Action]) throws -> Plan {
      Plan(
        spec: try .sample(), isFirst: false, releaseNumber: 2, steps: actions.map { Self.step($0) },
        warnings: [], quota: [], hash: "")
    }

    #expect(try plan([.nothing, .nothing]).isEmpty)
    #expect(try !plan([.nothing, .create]).isEmpty)
    #expect(try !plan([.delete]).isEmpty)
    #expect(try !plan([Self.change("a", nil, "1")]).isEmpty)
  }
}
