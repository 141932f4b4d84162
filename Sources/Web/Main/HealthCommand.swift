import ArgumentParser
import Foundation
import Kubernetes
import Logging

/// `babyhelm health`: what a container engine asks again and again. The image
/// holds no other program that could.
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask a server whether it lives. Exits with 1 unless it says so.",
    discussion: "For the health checks of containers, and for scripts. /readyz instead of /healthz "
      + "asks whether the server's database and cluster answer, too. No redirect is followed.")

  @Option(
    help: ArgumentHelp(
      "What to ask (default: /healthz on this machine, at the port in BABYHELM_PORT, or 8080).",
      valueName: "address"))
  var url: String?

  @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "seconds"))
  var timeout = 5

  @Option(
    help: ArgumentHelp(
      "For how long to ask again after a no, as after a start.", valueName: "seconds"))
  var wait = 0

  func run() async throws {
    try await reportingErrors {
      guard (1...600).contains(timeout) else {
        throw StartupError("--timeout must be a number of seconds from 1 to 600.")
      }
      guard (0...3_600).contains(wait) else {
        throw StartupError("--wait must be a number of seconds from 0 to 3600.")
      }
      let text = url ?? Self.standardAddress(ProcessInfo.processInfo.environment)
      guard let address = Address(text) else {
        throw StartupError(
          "“\(text)” can't be asked. Write --url like http://127.0.0.1:8080/healthz.")
      }
      let deadline = ContinuousClock.now + .seconds(wait)
      while let refusal = await refusal(of: address, text) {
        guard ContinuousClock.now < deadline else { throw refusal }
        try await Task.sleep(for: .milliseconds(200))
      }
      Terminal.say("\(text) answers.")
    }
  }

  /// Why a server doesn't say that it lives; nil when it does.
  private func refusal(of address: Address, _ text: String) async -> StartupError? {
    do {
      let status = try await address.ask(waiting: .seconds(timeout))
      guard status != 200 else { return nil }
      return StartupError(
        "\(text) answers with the status \(status). The server's log and `babyhelm doctor` say why."
      )
    } catch {
      return error
    }
  }

  /// Where a server listens that has the same environment.
  static func standardAddress(_ environment: [String: String]) -> String {
    // In a pod, Kubernetes may have set it to tcp://….
    let port = environment[AppConfiguration.Key.port.variable].flatMap { Int($0) } ?? 8080
    return "http://127.0.0.1:\(port)/healthz"
  }

  /// A URL in the parts that are asked for.
  struct Address {
    let host: String
    let port: Int
    let isTLS: Bool
    let path: String

    /// nil for what is no address of a web server.
    init?(_ text: String) {
      guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
        ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
        parts.user == nil, parts.password == nil, parts.fragment == nil
      else { return nil }
      self.host = host.trimmingCharacters(in: ["[", "]"])
      isTLS = scheme == "https"
      port = parts.port ?? (isTLS ? 443 : 80)
      let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
      self.path = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    /// The status of the answer.
    ///
    /// - Throws: ``StartupError`` when there is none.
    func ask(waiting timeout: Duration) async throws(StartupError) -> Int {
      do {
        return try await EndpointProbe.statusCode(
          host: host, port: port, isTLS: isTLS, path: path, address: host, timeout: timeout,
          logger: Logger(label: "health", factory: { _ in SwiftLogNoOpLogHandler() }))
      } catch {
        let place = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        let sentence =
          switch error {
          case .unreachable(_, let reason): "\(place) can't be reached: \(reason)."
          case .timedOut: "\(place) didn't answer in time."
          default: "\(place) gave no answer that counts: \(error)"
          }
        throw StartupError(sentence)
      }
    }
  }
}
