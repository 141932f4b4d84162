internal import ArgumentParser

/// `babyhelm projects`
struct ProjectsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "projects", abstract: "List the projects that you may see.")

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.perform { client, console in
      let projects = try await client.list("/projects")
      if options.json { return console.result(.array(projects)) }
      if projects.isEmpty { return console.say("There is no project that you may see.") }
      let rows = projects.map { [$0["name"]?.words ?? "", $0["role"]?.words ?? ""] }
      for line in Table(headings: ["PROJECT", "ROLE"], rows: rows).lines { console.result(line) }
    }
  }
}

/// `babyhelm apps PROJECT`
struct AppsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apps", abstract: "List a project's applications.")

  @Argument(help: "The project.")
  var project: ProjectName

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.perform { client, console in
      try await Self.list(project.description, client, console)
    }
  }

  static func list(_ project: String, _ client: Client, _ console: Console) async throws {
    let applications = try await client.list("/projects/\(project)/applications")
    if console.isJSON { return console.result(.array(applications)) }
    if applications.isEmpty { return console.say("\(project) has no application.") }
    let rows = applications.map { application in
      let summary = ApplicationSummary(application)
      return [summary.name, summary.health, summary.replicas, summary.release, summary.image]
    }
    let headings = ["APPLICATION", "HEALTH", "READY", "RELEASE", "IMAGE"]
    for line in Table(headings: headings, rows: rows).lines { console.result(line) }
  }
}

/// What a list and a status show of an application.
struct ApplicationSummary {
  let name: String
  let image: String
  let health: String
  /// "1/2"
  let replicas: String
  let release: String

  init(_ json: JSON) {
    name = json["name"]?.words ?? ""
    image = json["image"]?.words ?? json["specification"]?["image"]?.words ?? ""
    health = json["health"]?.words ?? ""
    let counts = json["replicas"]
    replicas = "\(counts?["ready"]?.integer ?? 0)/\(counts?["wanted"]?.integer ?? 0)"
    release = json["release"]?.words ?? ""
  }
}

/// `babyhelm status PROJECT[/APPLICATION]`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how an application is, and what is wrong with it; of a project, all of them.")

  @Argument(help: ArgumentHelp("PROJECT or PROJECT/APPLICATION.", valueName: "name"))
  var scope: ScopeName

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.perform { client, console in
      guard let application = scope.application else {
        return try await AppsCommand.list(scope.project, client, console)
      }
      let name = ApplicationName(project: scope.project, application: application)
      let status = try await client.get(name.path).body
      if options.json { return console.result(status) }
      for line in Self.lines(status, of: name) { console.result(line) }
    }
  }

  static func lines(_ status: JSON, of name: ApplicationName) -> [String] {
    let summary = ApplicationSummary(status)
    var pairs = [
      ("Application", name.description), ("Health", summary.health), ("Ready", summary.replicas),
      ("Image", summary.image), ("Release", summary.release),
    ]
    for address in status["addresses"]?.array ?? [] {
      pairs.append(("Address", address["text"]?.words ?? address.words))
    }
    var lines = pairs.filter { !$0.1.isEmpty }.map {
      "\($0.0.padded(to: 13))\($0.1)".onOneLine
    }
    let pods = (status["pods"]?.array ?? []).map { pod in
      [pod["name"]?.words ?? "", pod["stage"]?.words ?? "", pod["reason"]?.words ?? ""]
    }
    if !pods.isEmpty { lines += [""] + Table(headings: ["POD", "STAGE", ""], rows: pods).lines }
    if let diagnosis = RolloutState.Diagnosis(status["diagnosis"] ?? .null) {
      lines += [""] + diagnosis.text.map(\.onOneLine)
    }
    return lines
  }
}

/// `babyhelm releases PROJECT/APPLICATION`
struct ReleasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "releases", abstract: "List an application's releases, the newest first.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @Option(help: "How many.")
  var limit = 20

  @OptionGroup var options: ServerOptions

  func validate() throws {
    guard (1...100).contains(limit) else {
      throw ValidationError("--limit is a number between 1 and 100.")
    }
  }

  func run() async throws {
    try await options.perform { client, console in
      let answer = try await client.get(
        "\(application.path)/releases", query: [("limit", String(limit))])
      let releases = answer.body["items"]?.array ?? []
      if options.json { return console.result(.array(releases)) }
      let rows = releases.map { release in
        [
          release["number"]?.words ?? "", release["state"]?.words ?? "",
          release["createdAt"]?.words ?? "", release["author"]?.words ?? "",
          release["image"]?.words ?? "", release["message"]?.words ?? "",
        ]
      }
      let headings = ["RELEASE", "STATE", "AT", "BY", "IMAGE", "MESSAGE"]
      for line in Table(headings: headings, rows: rows).lines { console.result(line) }
    }
  }
}

/// `babyhelm open PROJECT[/APPLICATION]`
struct OpenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Print the address of a page of BabyHelm, or of the application itself.",
    discussion: "To open it: xdg-open \"$(babyhelm open shop/web)\".")

  @Argument(help: ArgumentHelp("PROJECT or PROJECT/APPLICATION.", valueName: "name"))
  var scope: ScopeName

  @Flag(help: "The addresses that the application answers at, instead of its page.")
  var site = false

  @OptionGroup var options: ServerOptions

  func validate() throws {
    if site, scope.application == nil {
      throw ValidationError("--site needs PROJECT/APPLICATION.")
    }
  }

  func run() async throws {
    try await options.perform { client, console in
      let addresses = try await addresses(client)
      if options.json { return console.result(.array(addresses.map(JSON.string))) }
      for address in addresses { console.result(address.onOneLine) }
    }
  }

  private func addresses(_ client: Client) async throws -> [String] {
    guard let application = scope.application else {
      _ = try await client.get("/projects/\(scope.project)")
      return ["\(client.connection.server)/projects/\(scope.project)"]
    }
    let name = ApplicationName(project: scope.project, application: application)
    let status = try await client.get(name.path).body
    guard site else {
      return ["\(client.connection.server)/projects/\(scope.project)/apps/\(application)"]
    }
    let addresses = (status["addresses"]?.array ?? []).map { $0["text"]?.words ?? $0.words }
    guard !addresses.isEmpty else {
      throw ClientError(
        .failed, "\(name) has no address.", advice: "Give it a port, or an ingress to be reached.")
    }
    return addresses
  }
}
