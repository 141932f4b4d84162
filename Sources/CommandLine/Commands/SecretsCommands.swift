internal import ArgumentParser
internal import Foundation

/// `babyhelm secrets …`
struct SecretsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secrets",
    abstract: "Set an application's secret variables. Values go in and never come out.",
    subcommands: [List.self, Set.self, Unset.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the names of an application's secret variables.")

    @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
    var application: ApplicationName

    @OptionGroup var options: ServerOptions

    func run() async throws {
      try await options.perform { client, console in
        let status = try await client.get(application.path).body
        let names = SecretsCommand.names(status["specification"] ?? .null)
        if options.json { return console.result(.array(names.map(JSON.string))) }
        if names.isEmpty { console.say("\(application) has no secret variable.") }
        for name in names { console.result(name.onOneLine) }
      }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set one, which makes a release.",
      discussion: """
        The value is asked for without being shown, or is all of standard input; one line end at \
        its end is no part of it.
        """)

    @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
    var application: ApplicationName

    @Argument(help: "The variable's name.")
    var variable: String

    @Flag(help: "Keep the line end at the value's end.")
    var keepNewline = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var options: ServerOptions

    func run() async throws {
      try await options.perform { client, console in
        let value = try value(console)
        try await SecretsCommand.change(
          application, ["secretValues": [variable: .string(value)]], waiting, client, console)
      }
    }

    private func value(_ console: Console) throws(ClientError) -> String {
      if console.canAsk { return console.askHidden("Value of \(variable): ") }
      guard var value = String(validating: Console.standardInput(), as: UTF8.self) else {
        throw ClientError(.misused, "Standard input is no text.")
      }
      if !keepNewline, value.hasSuffix("\n") { value.removeLast() }
      guard !value.isEmpty else {
        throw ClientError(
          .misused, "Standard input has no value.",
          advice: "Give it there: babyhelm secrets set \(application) \(variable) < FILE")
      }
      return value
    }
  }

  struct Unset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take one away, which makes a release.")

    @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
    var application: ApplicationName

    @Argument(help: "The variable's name.")
    var variable: String

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var options: ServerOptions

    func run() async throws {
      try await options.perform { client, console in
        try await SecretsCommand.change(
          application, ["secrets": [variable: nil], "secretValues": [variable: nil]], waiting,
          client, console)
      }
    }
  }

  fileprivate static func change(
    _ application: ApplicationName, _ patch: JSON, _ waiting: WaitOptions, _ client: Client,
    _ console: Console
  ) async throws {
    let answer = try await client.send(
      .patch, application.path, body: ["specification": patch])
    guard let release = answer.newRelease else {
      return console.say("\(application) has nothing to change.")
    }
    try await Following(
      application: application, release: release, waiting: waiting, client: client,
      console: console.acting
    ).run()
  }

  /// The variables that come from a Secret, whoever made it.
  static func names(_ specification: JSON) -> [String] {
    let references = specification["secrets"]?.object?.keys.map(\.self) ?? []
    let values: [String] =
      specification["secretValues"]?.array?.map(\.words)
      ?? specification["secretValues"]?.object?.keys.map(\.self) ?? []
    return Swift.Set(references + values).sorted()
  }
}
