import ArgumentParser
import CommandLine
import Foundation

/// The program.
@main
struct Babyhelm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "babyhelm",
    abstract: "Turns a container image into a running application on your own Kubernetes cluster.",
    version: "BabyHelm \(Version.text)",
    subcommands: [
      ServeCommand.self, MigrateCommand.self, UserCommand.self, KeysCommand.self,
      ConfigCommand.self, BackupCommand.self, RestoreCommand.self, MoveDataCommand.self,
      AuditCommand.self, RenderCommand.self, ExportCommand.self,
      DoctorCommand.self, HealthCommand.self, SandboxCommand.self, VersionCommand.self,
      BenchCommand.self,
    ],
    groupedSubcommands: ClientCommands.groups)

  /// As the parser's own, but commands against a server have exit codes of their own, so that a
  /// pipeline can tell a wrong command line from a release that failed.
  static func main() async {
    let arguments = Array(ProcessInfo.processInfo.arguments.dropFirst())
    do {
      var command = try await asyncParseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      guard exitCode(for: error) == .validationFailure,
        let code = ClientCommands.usageCode(for: arguments)
      else { exit(withError: error) }
      Terminal.complain(fullMessage(for: error))
      exit(withError: code)
    }
  }
}

/// `babyhelm version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  func run() {
    Terminal.say("BabyHelm \(Version.text)")
  }
}
