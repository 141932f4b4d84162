internal import ArgumentParser

/// What an action command does once the server has taken it.
struct Action {
  let application: ApplicationName
  /// Below the application.
  let path: String
  var body: JSON = [:]
  /// What to say where it was so already.
  let done: String

  func run(_ options: ServerOptions, _ waiting: WaitOptions) async throws {
    try await options.perform { client, console in
      let answer = try await client.send(.post, application.path + path, body: body)
      guard let release = answer.newRelease else {
        if options.json { console.result(answer.body) } else { console.say(done) }
        return
      }
      let following = Following(
        application: application, release: release, waiting: waiting, client: client,
        console: console.acting)
      try await following.run()
    }
  }
}

/// `babyhelm rollback PROJECT/APPLICATION RELEASE`
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Go back to a release, with the image that ran then.",
    discussion: "It becomes a new release. babyhelm releases lists those there are.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @Argument(help: "The release's number.")
  var release: Int

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var options: ServerOptions

  func validate() throws {
    guard release > 0 else { throw ValidationError("A release's number is 1 or more.") }
  }

  func run() async throws {
    try await Action(
      application: application, path: "/releases/\(release)/rollback",
      done: "\(application) runs release \(release) already."
    ).run(options, waiting)
  }
}

/// `babyhelm scale PROJECT/APPLICATION REPLICAS`
struct ScaleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "Change how many replicas run.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @Argument(help: "How many replicas.")
  var replicas: Int

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var options: ServerOptions

  func validate() throws {
    guard replicas >= 0 else { throw ValidationError("The number of replicas is 0 or more.") }
  }

  func run() async throws {
    try await Action(
      application: application, path: "/scale", body: ["replicas": .integer(replicas)],
      done: "\(application) has \(replicas) replicas already."
    ).run(options, waiting)
  }
}

/// `babyhelm restart PROJECT/APPLICATION`
struct RestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Replace every pod by a new one, bit by bit.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await Action(
      application: application, path: "/restart", done: "\(application) restarts already."
    ).run(options, waiting)
  }
}

/// `babyhelm stop PROJECT/APPLICATION`
struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Let no replica run, and keep everything else.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await Action(
      application: application, path: "/stop", done: "\(application) is stopped already."
    ).run(options, waiting)
  }
}

/// `babyhelm start PROJECT/APPLICATION`
struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Let as many replicas run as before it was stopped.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await Action(
      application: application, path: "/start", done: "\(application) isn't stopped."
    ).run(options, waiting)
  }
}
