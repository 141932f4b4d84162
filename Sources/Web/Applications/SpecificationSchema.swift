import Domain

/// Specifications as the API takes and tells them: the keys of
/// docs/specification.md.
enum SpecificationSchema {
  static let schema = Schema.body("Specification", "What an application is to be.") {
    $0.optional("name", .text("web", length: 1...63), "The application's name, as in the address.")
    $0.required("image", .text("nginx:1.27", length: 1...500), "A container image.")
    addProgram(&$0)
    addScale(&$0)
    addContents(&$0)
    $0.optional("healthCheck", healthCheck, "How it is known that a pod serves.")
    $0.optional("exposure", exposure, "From where it is reached; inside the cluster without.")
    $0.optional("pullSecret", name("registry-login"), "A Secret with the registry's login.")
    $0.optional("registryLogin", registryLogin, "Who to be to the image's registry.")
    $0.optional("userID", .integer(1_000, 1...Int(Int32.max)), "The user that its program runs as.")
    $0.optional("undoesFailures", .flag(), "Whether a release that fails goes back by itself.")
  }

  private static func addProgram(_ fields: inout Fields) {
    fields.optional(
      "ports",
      .list(
        of: .either(.integer(80, 1...65_535), .text("53/UDP", length: 1...9)), most: 20),
      "The first one is the main one, if it speaks TCP.")
    fields.optional("command", words, "In place of the image's entry point.")
    fields.optional("arguments", words.sample([]), "In place of the image's arguments.")
  }

  private static func addScale(_ fields: inout Fields) {
    fields.optional("replicas", .integer(2, 0...100), "How many pods run.")
    fields.optional(
      "autoscaling",
      .body("Autoscaling", "How many pods run, by how busy they are; instead of `replicas`.") {
        $0.optional("minimum", .integer(2, 1...100), "At least.")
        $0.optional("maximum", .integer(9, 1...100), "At most.")
        $0.optional("targetCPU", .integer(75, 1...100), "Percent of the CPU request.")
      }, "Lets the cluster decide how many pods run.")
    fields.optional(
      "resources",
      .body("Resources", "What a pod asks for, and may use, as Kubernetes quantities.") {
        $0.optional("cpuRequest", quantity("100m"), "CPUs that are kept for it.")
        $0.optional("cpuLimit", quantity("500m"), "CPUs that it gets at most; no limit without.")
        $0.optional("memoryRequest", quantity("128Mi"), "Memory that is kept for it.")
        $0.optional("memoryLimit", quantity("256Mi"), "Memory that it gets at most.")
      }, "What a pod asks for, and may use.")
    fields.optional(
      "update",
      .body("Update", "How new pods take the place of old ones.") {
        $0.optional("surge", share("25%"), "Pods more than wanted meanwhile, or percent.")
        $0.optional("unavailable", share("0"), "Pods fewer than wanted meanwhile, or percent.")
      }, "How new pods take the place of old ones.")
  }

  private static func addContents(_ fields: inout Fields) {
    let value = Schema.either(.text("fast", length: 0...262_144), .number, .flag())
    fields.optional("environment", .map(of: value, sample: ["MODE": "fast"]), "Variables.")
    fields.optional(
      "secrets", .map(of: .text("database/password", length: 1...600), sample: [:]),
      "Variables from Secrets: `SECRET/KEY`.")
    fields.optional(
      "secretValues",
      .map(of: Schema.text("a secret", length: 1...32_768).orNull, sample: [:]),
      "Values that are never told again, by a variable's name or a file's path. Answers have null "
        + "for each; null keeps the value that is there.")
    fields.optional(
      "files", .map(of: .text("key = value\n", length: 0...1_048_576), sample: [:]),
      "Texts by absolute path.")
    fields.optional(
      "volumes", .map(of: quantity("10Gi"), most: 20, sample: [:]), "Sizes by absolute path.")
  }

  private static let words = Schema.list(of: .text("nginx", length: 1...4_096), most: 200)

  private static func name(_ sample: String) -> Schema { .text(sample, length: 1...253) }

  private static func quantity(_ sample: String) -> Schema {
    .either(.text(sample, length: 1...20), .number)
  }

  private static func share(_ sample: String) -> Schema {
    .either(.text(sample, length: 1...4), .integer(1, 0...100))
  }

  private static let healthCheck = Schema.either(
    .text("connect", among: ["connect", "none"]),
    .body("HealthCheck", "A request or a command.") {
      $0.optional("http", .text("/healthz", length: 1...500), "A path that is asked for.")
      $0.optional(
        "command", .list(of: .text("pg_isready", length: 1...4_096), most: 200),
        "A command that ends with 0.")
      $0.optional("restarts", .flag(true), "Whether it also restarts a pod.")
      $0.optional("startSeconds", .integer(30, 0...3_600), "The time that a pod has to start.")
    })

  private static let exposure = Schema.either(
    .text("cluster", among: ["cluster"]),
    .body("Exposure", "A host name of an Ingress, or a machine's name in the tailnet.") {
      $0.optional("ingress", name("web.example.com"), "The host name.")
      $0.optional("encrypted", .flag(true), "Whether it takes HTTPS.")
      $0.optional("tailnet", name("web"), "The name in the tailnet.")
    })

  private static let registryLogin = Schema.body("RegistryLogin", "A login at a registry.") {
    $0.required("user", .text("ann", length: 1...256), "The user's name.")
    $0.optional(
      "password", Schema.text("a secret", length: 1...32_768).orNull,
      "Never told again; null keeps the one that is there.")
  }
}
