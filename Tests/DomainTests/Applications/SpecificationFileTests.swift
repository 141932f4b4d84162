import Testing

@testable import Domain

struct SpecificationFileTests {
  private func mistakes(_ yaml: String) -> [String] {
    do throws(DomainError) {
      _ = try SpecificationFile(yaml: yaml)
      return []
    } catch {
      return error.fields.isEmpty ? [error.message] : error.fields.map(\.field)
    }
  }

  @Test func `every key is read`() throws {
    let file = try SpecificationFile(
      yaml: """
        name: web
        project: shop
        podSecurity: restricted
        image: nginx:1.27
        ports: [80, 8443, 53/udp]
        command: [nginx, -g, daemon off;]
        arguments: [a, 1]
        autoscaling: {minimum: 2, maximum: 9, targetCPU: 75}
        resources: {cpuRequest: 250m, cpuLimit: 1, memoryRequest: 64Mi, memoryLimit: 1Gi}
        environment: {B: two, A: 1}
        secrets: {PASSWORD: database/password}
        healthCheck: {http: /healthz, restarts: true, startSeconds: 30}
        update: {surge: 25%, unavailable: 1}
        files: {/etc/app.conf: "a: 1\\n"}
        exposure: {ingress: web.example.com, encrypted: false}
        pullSecret: login
        userID: 1000
        """)
    let spec = try file.draft.validated()

    #expect(file.project == "shop")
    #expect(file.podSecurity == .restricted)
    #expect(spec.name == "web" && spec.image.text == "nginx:1.27")
    #expect(
      spec.ports == [
        .init(number: 80), .init(number: 8443), .init(number: 53, transport: .udp),
      ])
    #expect(spec.command == ["nginx", "-g", "daemon off;"])
    #expect(spec.arguments == ["a", "1"])
    #expect(spec.scaling == .automatic(minimum: 2, maximum: 9, targetCPU: 75))
    #expect(spec.resources.cpuRequest == "250m" && spec.resources.cpuLimit == "1")
    #expect(spec.environment.map(\.name) == ["A", "B"])
    #expect(spec.environment.map(\.value) == ["1", "two"])
    #expect(spec.secrets == [.init(name: "PASSWORD", secret: "database", key: "password")])
    #expect(spec.healthCheck.probe == .http(path: "/healthz"))
    #expect(spec.healthCheck.restarts && spec.healthCheck.startSeconds == 30)
    #expect(spec.update == .init(surge: "25%", unavailable: "1"))
    #expect(spec.files == [.init(path: "/etc/app.conf", content: "a: 1\n")])
    #expect(spec.exposure == .ingress(host: "web.example.com", isEncrypted: false))
    #expect(spec.pullSecret == "login" && spec.userID == 1000)
  }

  @Test func `null in a merge patch takes away`() throws {
    let spec = try SpecificationFile(
      yaml: "name: web\nimage: nginx\nenvironment: {A: 1, B: 2}\nuserID: 1000"
    ).draft.validated()

    let merged = try SpecificationFile.merging(
      Array(#"{"environment": {"A": null, "C": "3"}, "userID": null}"#.utf8), into: spec)
    let changed = try SpecificationFile.draft(json: merged, named: "web", replacing: spec)
      .validated()

    #expect(changed.environment.map(\.name) == ["B", "C"])
    #expect(changed.userID == nil)
    #expect(changed.image == spec.image)
  }

  /// A variable may use those before it, and another order would roll the pods.
  @Test func `a merge patch leaves what it doesn't name in its order`() throws {
    let spec = try ApplicationDraft.sample {
      $0.environment = [
        .init(name: "HOST", value: "db"), .init(name: "DSN", value: "postgres://$(HOST)"),
        .init(name: "AFTER", value: "1"),
      ]
    }.validated()

    let nothing = try SpecificationFile.merging(Array("{}".utf8), into: spec)
    let same = try SpecificationFile.draft(json: nothing, named: spec.name, replacing: spec)
    #expect(try same.validated() == spec)
    let patch = try SpecificationFile.merging(
      Array(#"{"environment": {"ABOVE": "2", "DSN": "x"}}"#.utf8), into: spec)
    let changed = try SpecificationFile.draft(json: patch, named: spec.name, replacing: spec)
    #expect(changed.environment.map(\.name) == ["HOST", "DSN", "AFTER", "ABOVE"])
  }

  @Test func `name and image are enough`() throws {
    let file = try SpecificationFile(yaml: "name: web\nimage: nginx:1.27\n")

    #expect(file.project == "default" && file.podSecurity == .baseline)
    #expect(
      try file.draft.validated()
        == ApplicationDraft.sample {
          $0.port = ""
          $0.replicas = "1"
        }.validated())
  }

  @Test(
    arguments: [
      ("nme: web", ["nme"]), ("ports: 80", ["ports"]), ("ports: [{}]", ["ports.0"]),
      ("resources: {cpu: 1}", ["resources.cpu"]), ("resources: 1", ["resources"]),
      ("healthCheck: {restarts: maybe}", ["healthCheck.restarts"]),
      ("environment: [A]", ["environment"]), ("environment: {A: []}", ["environment.A"]),
      ("command: [\"a\\nb\"]", ["command.0"]), ("podSecurity: open", ["podSecurity"]),
      ("[]", [""]), ("a: 1\na: 2", ["Not YAML: the key “a” is there twice (line 2, column 1)."]),
    ] as [(String, [String])])
  func `a wrong key or type is named`(yaml: String, fields: [String]) {
    let found = mistakes(yaml)

    if fields.first?.hasPrefix("Not YAML") == true {
      #expect(found.first?.hasPrefix("Not YAML") == true)
    } else {
      #expect(found == fields)
    }
  }
}
