internal import ArgumentParser
internal import Foundation

/// What every command against a server takes.
struct ServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server's address (BABYHELM_SERVER; else the one that login stored).",
      valueName: "address"))
  var server: String?

  @Flag(help: "Print the result as JSON; words go to standard error.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print results and errors, and no words beside them.")
  var quiet = false

  var console: Console { Console(isJSON: json, isQuiet: quiet) }

  /// Runs a command's work, and tells in one line why it can't be done.
  ///
  /// - Throws: `ExitCode`, after the reason was told.
  func perform(_ work: (Client, Console) async throws -> Void) async throws {
    try await reporting {
      try await Client.with(try connection()) { try await work($0, console) }
    }
  }

  func connection() throws -> Connection {
    let environment = ProcessInfo.processInfo.environment
    return try Connection.choose(
      server: server, environment: environment, logins: try storedLogins(environment))
  }

  /// What is stored; others who may read it are worth a warning.
  func storedLogins(_ environment: [String: String]) throws -> StoredLogins {
    let file = StoredLogins.file(environment)
    if StoredLogins.isShared(file) {
      console.complain("Others may read \(file.path), which holds a token: chmod 600 \(file.path)")
    }
    return try StoredLogins.read(file)
  }

  /// Tells a ``ClientError`` and turns it into its exit code.
  func reporting(_ work: () async throws -> Void) async throws {
    Interruption.listen()
    do {
      try await work()
    } catch let error as ClientError {
      if json, let problem = error.problem { console.problem(problem) }
      console.complain(error.line)
      throw error.outcome.exitCode
    }
  }
}

/// How a command waits for its release.
struct WaitOptions: ParsableArguments {
  @Flag(help: "Wait until the release serves or has failed.")
  var wait = false

  @Option(help: "How long to wait at most: 90s, 10m, 1h.")
  var timeout = Patience(.seconds(600))
}
