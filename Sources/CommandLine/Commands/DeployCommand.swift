internal import ArgumentParser
internal import Foundation

/// `babyhelm deploy`
struct DeployCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Deploy an image, a specification, or a folder of them.",
    usage: """
      babyhelm deploy PROJECT/APPLICATION --image REFERENCE [--set KEY=VALUE …] [--wait]
             babyhelm deploy --file FILE-OR-FOLDER [--project PROJECT] [--prune] [--wait]
      """,
    discussion: """
      On a terminal it shows what will change and asks, unless --yes is given; elsewhere it \
      deploys. With --file the specification is the whole truth: what the file leaves out gets \
      its default. --prune deletes what this folder deployed before and has no file for any more; \
      which that is stands in the folder's .babyhelm-lock.json, and what is deleted can be \
      restored for a week.

      Exit codes: 0 deployed, and with --wait it serves; 1 the release failed; 2 the command line \
      or a file is wrong; 3 the server refused; 4 not finished within --timeout; 5 the server \
      can't be reached; 130 interrupted.
      """)

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName?

  @Option(help: ArgumentHelp("The image.", valueName: "reference"))
  var image: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "An environment variable, as KEY=VALUE; may be repeated.", valueName: "key=value"))
  var settings: [Setting] = []

  @Option(help: ArgumentHelp("An environment variable to take away.", valueName: "key"))
  var unset: [String] = []

  @Option(help: "How many replicas.")
  var replicas: Int?

  @Option(
    name: .shortAndLong,
    help: "A specification, a folder of them, or - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Option(help: "The project, instead of the files' own.")
  var project: ProjectName?

  @Flag(help: "Delete what this folder deployed before and has no file for any more.")
  var prune = false

  @Option(name: .shortAndLong, help: "What the release is for; people read it in the list.")
  var message: String?

  @Flag(name: .shortAndLong, help: "Don't ask.")
  var yes = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var options: ServerOptions

  func validate() throws {
    if file != nil {
      guard application == nil, image == nil, settings.isEmpty, unset.isEmpty, replicas == nil
      else {
        throw ValidationError(
          "--file has all of it: leave out PROJECT/APPLICATION, --image, --set, --unset and --replicas."
        )
      }
      return
    }
    guard application != nil else {
      throw ValidationError("Name PROJECT/APPLICATION, or a file with --file.")
    }
    guard !prune, project == nil else {
      throw ValidationError("--prune and --project belong to --file.")
    }
    guard image != nil || !settings.isEmpty || !unset.isEmpty || replicas != nil else {
      throw ValidationError("Say what to change: --image, --set, --unset or --replicas.")
    }
    if let replicas, replicas < 0 {
      throw ValidationError("The number of replicas is 0 or more.")
    }
  }

  func run() async throws {
    try await options.perform { client, console in
      let deploy = Deploy(
        client: client, console: console.acting, message: message, isAgreed: yes, waiting: waiting)
      if let application {
        try await deploy.change(application, by: patch)
      } else if let file {
        let source = try SpecificationSource.read(file, project: project?.description)
        try await deploy.apply(source, isPruning: prune)
      }
    }
  }

  /// What the flags change (RFC 7396).
  var patch: JSON {
    var members: [String: JSON] = [:]
    if let image { members["image"] = .string(image) }
    if let replicas { members["replicas"] = .integer(replicas) }
    var variables = Dictionary(
      settings.map { ($0.name, JSON.string($0.value)) }, uniquingKeysWith: { _, last in last })
    for name in unset { variables[name] = .null }
    if !variables.isEmpty { members["environment"] = .object(variables) }
    return .object(members)
  }
}
