import ArgumentParser

/// The program.
@main
struct Babyhelm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "babyhelm",
    abstract: "Turns a container image into a running application on your own Kubernetes cluster.",
    version: "BabyHelm \(Version.text)",
    subcommands: [
      ServeCommand.self, MigrateCommand.self, UserCommand.self, KeysCommand.self, AuditCommand.self,
      RenderCommand.self,
      ExportCommand.self, DoctorCommand.self, SandboxCommand.self, VersionCommand.self,
      BenchCommand.self,
    ])
}

/// `babyhelm version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  func run() {
    Terminal.say("BabyHelm \(Version.text)")
  }
}
