internal import ArgumentParser
internal import Foundation

/// `babyhelm diff`
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what deploying a specification, or a folder of them, would change.",
    discussion: "Exits with 0 when nothing would change, with 1 when something would.")

  @Option(
    name: .shortAndLong,
    help: "A specification, a folder of them, or - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "The project, instead of the files' own.")
  var project: ProjectName?

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.perform { client, console in
      let source = try SpecificationSource.read(file, project: project?.description)
      var plans: [JSON] = []
      var hasChanges = false
      for document in source.documents {
        let answer = try await client.planAnswer(document)
        hasChanges = hasChanges || !answer.plan.isEmpty
        plans.append(answer.json)
        guard !options.json else { continue }
        if !answer.plan.isEmpty || !options.quiet {
          let lines = answer.plan.lines(for: document.name, paint: console.paint)
          for line in lines { console.result(line) }
        }
      }
      if options.json { console.result(.array(plans)) }
      if hasChanges { throw Outcome.failed.exitCode }
    }
  }
}

extension Client {
  /// A plan as it is shown and as the server said it, with the application's name.
  fileprivate func planAnswer(
    _ document: SpecificationDocument
  ) async throws -> (plan: PlanAnswer, json: JSON) {
    let plans = try await plans(of: [document])
    guard let plan = plans.first?.1 else { throw CancellationError() }
    return (plan, plan.json(for: document.name))
  }
}

extension PlanAnswer {
  fileprivate func json(for name: ApplicationName) -> JSON {
    [
      "project": .string(name.project), "application": .string(name.application),
      "isEmpty": .bool(isEmpty), "release": .integer(release), "hash": .string(hash),
      "items": .array(
        items.map { item in
          [
            "kind": .string(item.kind), "name": .string(item.name),
            "action": .string(item.action),
            "changes": .array(
              item.changes.map {
                ["path": .string($0.path), "old": .string($0.old), "new": .string($0.new)]
              }),
          ]
        }),
      "warnings": .array(warnings.map(JSON.string)), "quota": .array(quota.map(JSON.string)),
    ]
  }
}

/// `babyhelm pull`
struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Write applications back as files that babyhelm deploy --file takes.",
    discussion: """
      One application goes to standard output, or to --output FILE; all of a project go to \
      --output FOLDER, a file each. Secret values are never among them. (babyhelm export is for \
      the server's own machine, and prints Kubernetes manifests.)
      """)

  @Argument(help: ArgumentHelp("PROJECT or PROJECT/APPLICATION.", valueName: "name"))
  var scope: ScopeName

  @Option(name: .shortAndLong, help: "The file, or for a project the folder, to write.")
  var output: String?

  @Flag(help: "Write over files that are there.")
  var force = false

  @OptionGroup var options: ServerOptions

  func validate() throws {
    if scope.application == nil, output == nil {
      throw ValidationError("A project needs a folder: --output FOLDER.")
    }
  }

  func run() async throws {
    try await options.perform { client, console in
      guard let application = scope.application else {
        return try await pullProject(client, console)
      }
      let name = ApplicationName(project: scope.project, application: application)
      let specification = try await client.specification(of: name)
      if options.json, output == nil { return console.result(specification) }
      let text = try SpecificationDocument.text(
        of: specification, named: name, from: client.connection.server)
      guard let output else { return console.result(String(text.trimmingSuffix("\n"))) }
      try write(text, to: URL(filePath: output))
      console.say("Wrote \(output).")
    }
  }

  private func pullProject(_ client: Client, _ console: Console) async throws {
    guard let output else { return }
    let folder = URL(filePath: output)
    let applications = try await client.list("/projects/\(scope.project)/applications")
    for application in applications {
      guard let name = application["name"]?.string, ProjectName.isName(name) else { continue }
      let whole = ApplicationName(project: scope.project, application: name)
      let specification = try await client.specification(of: whole)
      let file = folder.appending(path: "\(name).yaml")
      let text = try SpecificationDocument.text(
        of: specification, named: whole, from: client.connection.server)
      try write(text, to: file)
      console.say("Wrote \(file.relativePath).")
    }
  }

  private func write(_ text: String, to file: URL) throws(ClientError) {
    if !force, FileManager.default.fileExists(atPath: file.path) {
      throw ClientError(
        .misused, "\(file.relativePath) is there already.",
        advice: "Choose another name, or write over it with --force.")
    }
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw ClientError(.misused, "\(file.relativePath) can't be written.")
    }
  }
}

extension Client {
  fileprivate func specification(of name: ApplicationName) async throws -> JSON {
    try await get(name.path).body["specification"] ?? [:]
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: Character) -> Substring {
    hasSuffix(String(suffix)) ? dropLast() : self[...]
  }
}
