import ArgumentParser
import Foundation
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

/// `babyhelm sandbox`: the simulated cluster alone, for `kubectl` and for a
/// server in another process.
struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Run a simulated cluster alone. Nothing real runs.")

  @Option(help: "The port on 127.0.0.1; 0 lets the system choose.")
  var port: UInt16 = 0

  @Option(
    name: .customLong("write-kubeconfig"),
    help: "The file to write the kubeconfig to, readable only by its owner.")
  var kubeconfigPath: String?

  @Option(help: "How many times faster than in real life pods start and stop, 0.01 to 1000.")
  var speed = 1.0

  @Option(
    name: .customLong("state"),
    help: ArgumentHelp(
      "The file that keeps the objects for the next run; without it they are thrown away.",
      valueName: "file"))
  var statePath: String?

  @Option(
    name: .customLong("role"),
    help: ArgumentHelp(
      "A manifest with the ClusterRole that limits what clients may do, such as deploy/rbac.yaml.",
      valueName: "file"))
  var rolePath: String?

  @Option(name: .customLong("fault"), help: ArgumentHelp(SandboxFaults.help, valueName: "list"))
  var fault = ""

  func validate() throws {
    guard (0.01...1000).contains(speed) else {
      throw ValidationError("--speed is a number from 0.01 to 1000.")
    }
    do {
      _ = try SandboxFaults(fault)
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run() async throws {
    let address = ListenAddress(host: "127.0.0.1", port: Int(port))
    try await reportingErrors(listeningOn: address) {
      var logger = Logger(label: "sandbox")
      logger.logLevel = .warning
      let server = SandboxServer(
        configuration: SandboxConfiguration(
          port: Int(port), speed: speed, statePath: statePath, role: try role(),
          faults: try SandboxFaults(fault)),
        logger: logger)
      let services: [any ServiceLifecycle.Service] = [
        Running(server: server), Announcing(server: server, path: kubeconfigPath),
      ]
      let group = ServiceGroup(
        services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      try await group.run()
    }
  }

  private func role() throws -> SandboxRole? {
    guard let rolePath else { return nil }
    guard let data = FileManager.default.contents(atPath: rolePath),
      let text = String(validating: data, as: UTF8.self)
    else { throw StartupError("The role \(rolePath) can't be read as text.") }
    do {
      return try SandboxRole(manifest: text)
    } catch {
      throw StartupError("The role \(rolePath) can't be used: \(error).")
    }
  }

  private struct Running: ServiceLifecycle.Service {
    let server: SandboxServer

    func run() async throws { try await server.run() }
  }

  /// Tells how to reach it, once it can be reached.
  private struct Announcing: ServiceLifecycle.Service {
    let server: SandboxServer
    let path: String?

    func run() async throws {
      let port: Int
      do {
        port = try await server.listening()
      } catch is SandboxServer.NotListening {
        // Why it doesn't listen is what the other service throws.
        try await gracefulShutdown()
        return
      }
      if let path {
        try write(to: path)
        Terminal.say(
          "The sandbox is listening on http://127.0.0.1:\(port); its kubeconfig is \(path)")
      } else {
        Terminal.say(server.kubeconfigText())
      }
      try await gracefulShutdown()
    }

    /// Under a name of its own first, so that nobody reads half a file.
    private func write(to path: String) throws {
      let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
      let manager = FileManager.default
      let isWritten = manager.createFile(
        atPath: temporary, contents: Data(server.kubeconfigText().utf8),
        attributes: [.posixPermissions: 0o600])
      guard isWritten, rename(temporary, path) == 0 else {
        try? manager.removeItem(atPath: temporary)
        throw StartupError(
          "The kubeconfig can't be written to \(path). Choose another file: --write-kubeconfig PATH."
        )
      }
    }
  }
}
