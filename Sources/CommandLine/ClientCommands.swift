public import ArgumentParser

/// What `babyhelm` does against a server, beside what it does on the server's
/// own machine.
public enum ClientCommands {
  /// The commands, in the groups that `babyhelm --help` shows.
  public static var groups: [CommandGroup] {
    [
      CommandGroup(
        name: "Log in",
        subcommands: [LoginCommand.self, LogoutCommand.self, WhoamiCommand.self]),
      CommandGroup(
        name: "Look",
        subcommands: [
          ProjectsCommand.self, AppsCommand.self, StatusCommand.self, ReleasesCommand.self,
          AlertsCommand.self,
          LogsCommand.self, OpenCommand.self,
        ]),
      CommandGroup(
        name: "Deploy",
        subcommands: [
          DeployCommand.self, DiffCommand.self, PullCommand.self, RollbackCommand.self,
          ScaleCommand.self, RestartCommand.self, StopCommand.self, StartCommand.self,
          SecretsCommand.self,
        ]),
    ]
  }

  /// What they read from the environment.
  public static let variables: Set<String> = ["BABYHELM_SERVER", "BABYHELM_TOKEN", "BABYHELM_CA"]

  /// The exit code for a command line that can't be understood, or nil where
  /// the parser's own stays.
  ///
  /// - Parameter arguments: what follows the program's name.
  public static func usageCode(for arguments: [String]) -> ExitCode? {
    let names = groups.flatMap(\.subcommands).map { $0._commandName }
    guard let first = arguments.first, names.contains(first) else { return nil }
    return Outcome.misused.exitCode
  }
}
