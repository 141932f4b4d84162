import Testing

@testable import Domain

/// What is refused about the parts of a specification, each at its field.
struct PartsValidationTests {
  private func wrong(_ change: (inout ApplicationDraft) -> Void) -> [String] {
    ApplicationDraft.sample(change).wrongFields
  }

  @Test(arguments: ["0", "65536", "-1", "+80", "http", "8 0"])
  func `a further port is a port`(number: String) {
    #expect(
      wrong { $0.morePorts = [.init(number: number, transport: "TCP")] } == ["ports.0.number"])
  }

  @Test func `no port is named twice, but TCP and UDP may share a number`() {
    #expect(wrong { $0.morePorts = [.init(number: "80", transport: "TCP")] } == ["ports.0.number"])
    #expect(wrong { $0.morePorts = [.init(number: "80", transport: "UDP")] } == [])
    #expect(wrong { $0.morePorts = [.init(number: "90", transport: "SCTP")] } == ["ports.0.number"])
    #expect(wrong { $0.morePorts = [.init(number: "", transport: "UDP")] } == [])
  }

  @Test(
    arguments: [
      ("app.conf", false), ("/", false), ("", false), ("/etc/../shadow", false), ("/a:b", false),
      ("/etc/a b", false), ("/etc/", false), ("/etc/app.conf", true), ("/etc/é", false),
    ] as [(String, Bool)])
  func `a file's path is absolute and simple`(path: String, isFine: Bool) {
    let fields = wrong { $0.files = [.init(path: path, content: "a")] }

    #expect(fields == (isFine ? [] : ["files.0.path"]))
  }

  @Test func `files are different, not too many and not too large`() {
    let twice = [
      ApplicationDraft.FileRow(path: "/a", content: ""), .init(path: "/a", content: "b"),
    ]
    #expect(wrong { $0.files = twice } == ["files.1.path"])
    #expect(
      wrong {
        $0.files = [.init(path: "/a", content: String(repeating: "x", count: 256 * 1024 + 1))]
      } == ["files"])
    #expect(
      wrong { draft in
        draft.files = (0...50).map { .init(path: "/f\($0)", content: "") }
      } == ["files"])
    #expect(wrong { $0.files = [.init(path: "/a", content: "a\u{0}")] } == ["files.0.content"])
  }

  @Test func `a volume has a path, a size, and one replica`() {
    func volume(_ path: String, _ size: String, replicas: String = "1") -> [String] {
      wrong {
        $0.replicas = replicas
        $0.volumes = [.init(path: path, size: size)]
      }
    }

    #expect(volume("/data", "1Gi") == [])
    #expect(volume("/data", "1Gi", replicas: "2") == ["replicas"])
    #expect(volume("/data", "lots") == ["volumes.0.size"])
    #expect(volume("/data", "1k") == ["volumes.0.size"])
    #expect(volume("data", "1Gi") == ["volumes.0.path"])
    #expect(volume("/" + String(repeating: "x", count: 41), "1Gi") == ["volumes.0.path"])
    #expect(
      wrong {
        $0.isAutoscaled = true
        $0.volumes = [.init(path: "/data", size: "1Gi")]
      } == ["autoscaling"])
    #expect(
      wrong {
        $0.replicas = "1"
        $0.volumes = [.init(path: "/a/b", size: "1Gi"), .init(path: "/a-b", size: "1Gi")]
      } == ["volumes.1.path"])
  }

  @Test func `a check has what it needs`() {
    #expect(
      wrong {
        $0.port = ""
        $0.healthCheck = "http"
      } == ["healthCheck"])
    #expect(
      wrong {
        $0.healthCheck = "http"
        $0.healthPath = "healthz"
      } == ["healthPath"])
    #expect(wrong { $0.healthCheck = "command" } == ["healthCommand"])
    #expect(wrong { $0.healthCheck = "smell" } == ["healthCheck"])
    #expect(wrong { $0.startSeconds = "3601" } == ["startSeconds"])
  }

  @Test(
    arguments: [
      ("1", "0", []), ("25%", "25%", []), ("0", "1", []), ("0", "0", ["unavailable"]),
      ("0%", "0", ["unavailable"]), ("101", "0", ["surge"]), ("-1", "0", ["surge"]),
      ("x", "0", ["surge"]), ("", "0", ["surge"]), ("1", "101%", ["unavailable"]),
    ] as [(String, String, [String])])
  func `an update's settings leave it a way`(
    surge: String, unavailable: String, fields: [String]
  ) {
    let found = wrong {
      $0.surge = surge
      $0.unavailable = unavailable
    }

    #expect(found == fields)
  }

  @Test func `exposure needs a port and a name`() {
    func ingress(_ host: String, port: String = "80") -> [String] {
      wrong {
        $0.port = port
        $0.exposure = "ingress"
        $0.host = host
      }
    }

    #expect(ingress("web.example.com") == [])
    #expect(ingress("") == ["host"])
    #expect(ingress("localhost") == ["host"])
    #expect(ingress("web..example.com") == ["host"])
    #expect(ingress("*.example.com") == ["host"])
    #expect(ingress("web.example.com", port: "") == ["exposure"])
    #expect(
      wrong {
        $0.exposure = "tailnet"
        $0.tailnetName = "Web Shop"
      } == ["tailnetName"])
    #expect(wrong { $0.exposure = "world" } == ["exposure"])
  }

  @Test func `a variable from a Secret names both`() {
    func secret(_ name: String, _ reference: String) -> [String] {
      wrong { $0.secrets = [.init(name: name, reference: reference)] }
    }

    #expect(secret("PASSWORD", "database/password") == [])
    #expect(secret("PASSWORD", "database") == ["secrets.0.reference"])
    #expect(secret("PASSWORD", "Database/password") == ["secrets.0.reference"])
    #expect(secret("PASSWORD", "a/b/c") == ["secrets.0.reference"])
    #expect(secret("1", "a/b") == ["secrets.0.name"])
    #expect(
      wrong {
        $0.environment = [.init(name: "A", value: "")]
        $0.secrets = [.init(name: "A", reference: "a/b")]
      } == ["secrets.0.name"])
  }

  @Test func `a user and a registry login are what Kubernetes takes`() {
    #expect(wrong { $0.userID = "0" } == ["userID"])
    #expect(wrong { $0.userID = "2147483648" } == ["userID"])
    #expect(wrong { $0.userID = "1000" } == [])
    #expect(wrong { $0.pullSecret = "My Login" } == ["pullSecret"])
    #expect(wrong { $0.pullSecret = "registry.login" } == [])
  }

  @Test func `words are one a line, and bounded`() {
    #expect(wrong { $0.command = String(repeating: "a\n", count: 101) } == ["command"])
    #expect(wrong { $0.arguments = String(repeating: "a", count: 32 * 1024 + 1) } == ["arguments"])
    #expect(wrong { $0.command = "a\u{0}" } == ["command"])
  }
}
