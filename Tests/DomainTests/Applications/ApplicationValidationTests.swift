import Testing

@testable import Domain

struct ApplicationValidationTests {
  @Test func `a draft becomes a specification`() throws {
    let spec = try ApplicationDraft.sample { draft in
      draft.name = " web "
      draft.image = " nginx:1.27 "
      draft.port = " 8080 "
      draft.cpuLimit = "0.5"
      draft.environment = [.init(name: " MODE ", value: " fast ")]
    }.validated()

    #expect(spec.name == "web")
    #expect(spec.image.text == "nginx:1.27")
    #expect(spec.mainPort?.number == 8080)
    #expect(spec.scaling == .fixed(replicas: 2))
    #expect(spec.resources.cpuRequest == "100m")
    #expect(spec.resources.cpuLimit == "500m")
    #expect(spec.resources.memoryRequest == "128Mi")
    #expect(spec.resources.memoryLimit == "256Mi")
    // What an application reads is kept as it was typed.
    #expect(spec.environment == [.init(name: "MODE", value: " fast ")])
  }

  @Test(arguments: ["\(Int.max)", "\(Int.min)", "-1", "32503680000", "soon"])
  func `a time of a restart that can't be one is left out`(text: String) throws {
    let spec = try ApplicationDraft.sample { $0.restartedAt = text }.validated()
    #expect(spec.restartedAt == nil)
    #expect(ApplicationDraft(spec).restartedAt == "")
  }

  @Test func `every wrong field is reported at once`() throws {
    let draft = ApplicationDraft.sample { draft in
      draft.name = "Web"
      draft.image = "nginx 1"
      draft.port = "0"
      draft.replicas = "-1"
      draft.cpuRequest = "fast"
      draft.cpuLimit = "much"
      draft.memoryRequest = ""
      draft.memoryLimit = "128 MB"
      draft.environment = [
        .init(name: "1A", value: ""), .init(name: "B", value: "\0"),
        .init(name: "", value: "nameless"),
      ]
    }

    let error = #expect(throws: DomainError.self) { try draft.validated() }

    #expect(error?.reason == .invalid)
    #expect(error?.message == "11 fields need a correction.")
    #expect(
      draft.wrongFields == [
        "name", "image", "port", "replicas", "cpuRequest", "memoryRequest", "memoryLimit",
        "cpuLimit", "environment.0.name", "environment.1.value", "environment.2.name",
      ])
    for mistake in draft.mistakes { #expect(mistake.message.hasSuffix("."), "\(mistake)") }
  }

  @Test func `every wrong field of autoscaling is reported at once`() {
    let draft = ApplicationDraft.sample { draft in
      draft.isAutoscaled = true
      draft.minimumReplicas = "0"
      draft.maximumReplicas = "101"
      draft.targetCPU = "0"
      draft.replicas = "not looked at"
    }

    #expect(draft.wrongFields == ["minimumReplicas", "maximumReplicas", "targetCPU"])
  }

  // MARK: Names

  @Test(arguments: [
    "a", "web", "web-2", "a--b", "x" + String(repeating: "0", count: 62), "xn--bcher-kva",
  ])
  func `a DNS label that starts with a letter is a name`(name: String) throws {
    #expect(try ApplicationDraft.sample { $0.name = name }.validated().name == name)
  }

  @Test(arguments: [
    "", " ", "Web", "WEB", "web.api", "web api", "web_api", "-web", "web-", "-", "2web", "42",
    "wéb", "веб", "web😀", "web\0", "we\nb", "web/api", "web:1", "{{web}}", "\"web\"", "wеb",
    "web\u{200B}", "new", "x" + String(repeating: "0", count: 63),
    String(repeating: "x", count: 100_000),
  ])
  func `anything else isn't a name`(name: String) {
    #expect(ApplicationDraft.sample { $0.name = name }.wrongFields == ["name"])
  }

  @Test(arguments: [
    "My Shop", "WEB", "web.api.v2", "1 Web", "2Web_3", "__",
    "A" + String(repeating: "-", count: 80),
    "Ünter den Linden", "42 A", "A.", "9_9",
  ])
  func `the name that is suggested instead would be taken`(name: String) throws {
    let message = try #require(ApplicationDraft.sample { $0.name = name }.mistakes.first?.message)

    let suggestion = try #require(message.split(separator: "“").last?.split(separator: "”").first)

    #expect(ApplicationDraft.sample { $0.name = String(suggestion) }.wrongFields == [])
  }

  // MARK: Ports

  @Test(arguments: [("1", 1), ("80", 80), ("65535", 65_535), (" 80\n", 80), ("080", 80)])
  func `a port is a number up to 65535`(text: String, port: Int) throws {
    #expect(try ApplicationDraft.sample { $0.port = text }.validated().mainPort?.number == port)
  }

  @Test(arguments: ["", "  "])
  func `without a port it takes no connections`(text: String) throws {
    #expect(try ApplicationDraft.sample { $0.port = text }.validated().mainPort?.number == nil)
  }

  @Test(arguments: [
    "0", "-1", "65536", "80abc", "80.0", "8 0", "0x50", "1e3", "http", "80/tcp", "80:80", "８０",
    "٨٠", "99999999999999999999999", "NaN", "80,443", "--80", "+", "-",
  ])
  func `any other port is refused`(text: String) {
    let mistakes = ApplicationDraft.sample { $0.port = text }.mistakes

    #expect(mistakes == [FieldError("port", "A port is a whole number from 1 to 65535.")])
  }

  // MARK: Replicas

  @Test(arguments: [("0", 0), ("1", 1), ("100", 100)])
  func `replicas go from none to the ceiling`(text: String, count: Int) throws {
    let spec = try ApplicationDraft.sample { $0.replicas = text }.validated()

    #expect(spec.scaling == .fixed(replicas: count))
    #expect(spec.minimumReplicas == count)
    #expect(spec.maximumReplicas == count)
  }

  @Test(arguments: ["", " ", "-1", "101", "10000", "2.5", "two", "2;3", "9223372036854775808"])
  func `any other number of replicas is refused`(text: String) {
    let mistakes = ApplicationDraft.sample { $0.replicas = text }.mistakes

    #expect(
      mistakes == [
        FieldError("replicas", "The number of replicas is a whole number from 0 to 100.")
      ])
  }

  @Test func `an autoscaler has two bounds and a target`() throws {
    let spec = try ApplicationDraft.sample { draft in
      draft.isAutoscaled = true
      draft.minimumReplicas = "2"
      draft.maximumReplicas = "2"
      draft.targetCPU = "100"
    }.validated()

    #expect(spec.scaling == .automatic(minimum: 2, maximum: 2, targetCPU: 100))
    #expect(spec.minimumReplicas == 2)
    #expect(spec.maximumReplicas == 2)
  }

  @Test func `the greatest number isn't below the least`() {
    let draft = ApplicationDraft.sample { draft in
      draft.isAutoscaled = true
      draft.minimumReplicas = "6"
      draft.maximumReplicas = "5"
    }

    #expect(
      draft.mistakes == [
        FieldError("maximumReplicas", "The greatest number is at least the least (6).")
      ])
  }

  // MARK: CPU and memory

  @Test(arguments: [
    ("100m", "100m"), ("1", "1"), ("0.5", "500m"), (".25", "250m"), ("2.", "2"), ("1500m", "1500m"),
    ("1e0", "1"), (" 1 ", "1"), ("0001", "1"),
  ])
  func `CPU is a quantity`(text: String, stored: String) throws {
    let spec = try ApplicationDraft.sample { $0.cpuRequest = text }.validated()

    #expect(spec.resources.cpuRequest == stored)
  }

  @Test(arguments: [
    ("128Mi", "128Mi"), ("1Gi", "1Gi"), ("0.5Gi", "512Mi"), ("134217728", "134217728"),
    ("128M", "128M"), ("1e9", "1e9"), ("1024Ki", "1Mi"),
  ])
  func `memory is a quantity`(text: String, stored: String) throws {
    let spec = try ApplicationDraft.sample {
      $0.memoryRequest = text
      $0.memoryLimit = "2Gi"
    }.validated()

    #expect(spec.resources.memoryRequest == stored)
  }

  @Test(
    arguments: ["cpuRequest", "cpuLimit", "memoryRequest", "memoryLimit"],
    [
      "0", "0m", "-1", "-100m", "abc", "1 Gi", "1GB", "1gb", "128mb", "1,5", "1..5", "m", "Mi", ".",
      "1Mi2", "0x10", "½", "１", "∞", "NaN", "1e", "1\n2", "1;2", "1Ⅿi",
      "1000000000000000000000000000000000",
    ])
  func `what isn't an amount is refused at its field`(field: String, text: String) {
    let draft = ApplicationDraft.sample { draft in
      switch field {
      case "cpuRequest": draft.cpuRequest = text
      case "cpuLimit": draft.cpuLimit = text
      case "memoryRequest": draft.memoryRequest = text
      default: draft.memoryLimit = text
      }
    }

    #expect(draft.wrongFields == [field])
  }

  @Test func `CPU without a limit is fine, memory without one isn't`() throws {
    let cpu = ApplicationDraft.sample { $0.cpuLimit = "  " }
    let memory = ApplicationDraft.sample { $0.memoryLimit = "" }

    #expect(try cpu.validated().resources.cpuLimit == nil)
    #expect(memory.wrongFields == ["memoryLimit"])
  }

  @Test func `a limit isn't below its request`() throws {
    let draft = ApplicationDraft.sample { draft in
      draft.cpuRequest = "1"
      draft.cpuLimit = "999m"
      draft.memoryRequest = "1Gi"
      draft.memoryLimit = "1023Mi"
    }
    let equal = ApplicationDraft.sample { draft in
      draft.cpuRequest = "1"
      draft.cpuLimit = "1000m"
      draft.memoryRequest = "1Gi"
      draft.memoryLimit = "1024Mi"
    }

    #expect(
      draft.mistakes == [
        FieldError("cpuLimit", "The limit is at least the request (1)."),
        FieldError("memoryLimit", "The limit is at least the request (1Gi)."),
      ])
    #expect(throws: Never.self) { try equal.validated() }
  }

  @Test(arguments: ["128", "128m", "512Ki", "1048575"])
  func `memory of less than a mebibyte is a forgotten suffix`(text: String) {
    let draft = ApplicationDraft.sample { $0.memoryRequest = text }

    #expect(
      draft.mistakes == [
        FieldError(
          "memoryRequest", "That is less than a mebibyte: write 128Mi for 128 mebibytes.")
      ])
  }
}
