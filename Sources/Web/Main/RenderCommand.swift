import ArgumentParser
import Domain
import Foundation
import Kubernetes
import Logging

/// `babyhelm render`: manifests from a specification file, without a cluster.
struct RenderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Print the manifests of a specification. No cluster is asked.",
    discussion: "The keys of a specification are described in docs/specification.md.")

  @Argument(help: "The specification, a YAML file; - reads standard input.")
  var specification: String

  @Option(help: "The project to render for, instead of the file's.")
  var project: String?

  @OptionGroup var output: OutputFlags

  @OptionGroup(title: "Manifests")
  var manifests: ManifestFlags

  @Option(help: "A JSON file of settings, under the names of these flags.")
  var config: String?

  func run() async throws {
    try await reportingErrors {
      let settings = try AppConfiguration(
        flags: manifests.values, environment: ProcessInfo.processInfo.environment, file: config
      ).manifests
      let file = try SpecificationFile(yaml: try text())
      let export = try ManifestPreview(file.draft, settings: settings)
        .export(project: project ?? file.project, podSecurity: file.podSecurity)
      try output.write(export)
    }
  }

  private func text() throws -> String {
    let data =
      specification == "-"
      ? FileHandle.standardInput.readDataToEndOfFile()
      : FileManager.default.contents(atPath: specification)
    guard let data, let text = String(validating: data, as: UTF8.self) else {
      throw StartupError("The specification \(specification) can't be read as text.")
    }
    return text
  }
}

/// `babyhelm export`: what runs, as files. It reads the database alone.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Print what a project's newest releases deployed. No cluster is asked.")

  @Argument(help: "The project.")
  var project: String

  @Argument(help: "One application of it, instead of all.")
  var application: String?

  @OptionGroup var output: OutputFlags
  @OptionGroup var database: DatabaseFlags

  @OptionGroup(title: "Manifests")
  var manifests: ManifestFlags

  func run() async throws {
    try await reportingErrors {
      let configuration = try database.configuration(adding: manifests.values)
      try await openingDatabase(configuration) { database in
        _ = try await MigrationChain.all.check(database)
        try output.write(try await export(database, configuration))
      }
    }
  }
}

extension ExportCommand {
  private func export(
    _ database: any Database, _ configuration: AppConfiguration
  ) async throws -> Export {
    let logger = Logger(label: "babyhelm")
    // It connects when it is first used, and it never is.
    let nobody = KubernetesClient(
      configuration: ClusterConfiguration(server: URL(filePath: "/")), logger: logger)
    let exports = DomainServices(
      database: database, client: nobody, rules: AccountRules(firstUserBecomesAdmin: false),
      hasher: PasswordHasher(parallel: 1), settings: configuration.manifests, logger: logger
    ).exports
    do {
      let export =
        if let application {
          try await exports.application(named: application, in: project, as: .commandLine)
        } else {
          try await exports.project(named: project, as: .commandLine)
        }
      await nobody.shutdown()
      return export
    } catch {
      await nobody.shutdown()
      throw error
    }
  }
}

/// How `render` and `export` write.
struct OutputFlags: ParsableArguments {
  enum Format: String, ExpressibleByArgument {
    case yaml, helm
  }

  @Option(help: "yaml: manifests in apply order; helm: a chart.")
  var format = Format.yaml

  @Option(
    name: .shortAndLong,
    help: "The file for YAML; the folder that a chart is made in (default: standard output; here).")
  var output: String?

  func write(_ export: Export) throws {
    switch format {
    case .yaml:
      guard let output else {
        FileHandle.standardOutput.write(Data(export.yaml.utf8))
        return
      }
      try Self.write(export.yaml, to: URL(filePath: output))
    case .helm:
      let folder = URL(filePath: output ?? ".").appending(path: export.chart.name)
      if FileManager.default.fileExists(atPath: folder.path) {
        throw StartupError(
          "\(folder.path) is there already. Remove it, or choose another folder: --output PATH.")
      }
      for file in export.chart.files {
        try Self.write(file.text, to: folder.appending(path: file.path))
      }
      Terminal.say("Made the chart \(folder.path).")
    }
  }

  private static func write(_ text: String, to file: URL) throws {
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    } catch {
      throw StartupError("\(file.path) can't be written: \(error.localizedDescription)")
    }
  }
}
