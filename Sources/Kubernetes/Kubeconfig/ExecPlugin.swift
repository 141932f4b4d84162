import Foundation
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A program that prints credentials (`client.authentication.k8s.io`).
struct ExecPlugin: Sendable {
  /// Versions of the API between client and plugin that are understood.
  private static let versions = [
    "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
  ]
  /// The longest that a plugin may print: 1 MiB.
  private static let maximumOutputBytes = 1 << 20

  let command: String
  private let arguments: [String]
  private let environment: [String: String]
  private let apiVersion: String
  private let installHint: String
  /// What the plugin is told in `KUBERNETES_EXEC_INFO`.
  private let information: String
  /// For how long it may run.
  var timeout: Duration = .seconds(30)

  /// - Throws: ``KubeconfigError`` for a missing command or an unknown version.
  init(
    _ fields: KubeconfigFields, user: String, cluster: KubeconfigFile.Entry,
    _ configuration: ClusterConfiguration
  ) throws(KubeconfigError) {
    let version = try fields.text("apiVersion") ?? ""
    guard Self.versions.contains(version) else {
      throw .execVersion(user: user, value: version, path: fields.path)
    }
    guard let name = try fields.text("command") else {
      throw .execWithoutCommand(user: user, path: fields.path)
    }
    // A command with a slash is a file; relative ones start from the
    // kubeconfig's folder. Others are looked for in the PATH.
    command = name.contains("/") ? try fields.file("command") ?? name : name
    arguments = try fields.strings("args")
    var environment: [String: String] = [:]
    for variable in try fields.objects("env") {
      environment[try variable.string("name") ?? ""] = try variable.string("value") ?? ""
    }
    self.environment = environment
    apiVersion = version
    installHint = try fields.string("installHint") ?? ""
    var spec: JSONValue = ["interactive": false]
    if try fields.bool("provideClusterInfo") {
      spec["cluster"] = try Self.information(about: cluster, configuration)
    }
    let request: JSONValue = [
      "apiVersion": .string(version), "kind": "ExecCredential", "spec": spec,
    ]
    information = request.description
  }

  private static func information(
    about cluster: KubeconfigFile.Entry, _ configuration: ClusterConfiguration
  ) throws(KubeconfigError) -> JSONValue {
    var result: JSONValue = ["server": .string(configuration.server.absoluteString)]
    if let authorities = configuration.tls.certificateAuthorities {
      result["certificate-authority-data"] = .string(
        Data(authorities.utf8).base64EncodedString())
    }
    result["tls-server-name"] = configuration.tls.serverName.map(JSONValue.string)
    if configuration.tls.isVerificationSkipped { result["insecure-skip-tls-verify"] = true }
    result["proxy-url"] = try cluster.value.text("proxy-url").map(JSONValue.string)
    return result
  }

  /// Credentials, and until when they hold; `nil` as long as the process lives.
  struct Output: Sendable {
    let credentials: Credentials
    let expiresAt: Date?
  }

  /// Runs the program.
  ///
  /// - Throws: ``KubeconfigError``.
  func run() async throws(KubeconfigError) -> Output {
    let finished: Finished
    do {
      finished = try await withTimeout(timeout) { try await launch() }
    } catch is TimeoutError {
      throw .execTimedOut(command: command, seconds: Int(timeout.components.seconds))
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw .execNotFound(command: command, hint: installHint)
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw .execOutput(command: command, why: "It is too long.")
    } catch {
      throw .execFailed(
        command: command, status: "an error", output: String(describing: error),
        hint: installHint)
    }
    guard finished.isSuccess else {
      throw .execFailed(
        command: command, status: finished.status, output: Self.lastLine(of: finished.errors),
        hint: installHint)
    }
    return try output(finished.text)
  }

  private struct Finished: Sendable {
    let isSuccess: Bool
    let status: String
    let text: String
    let errors: String
  }

  private func launch() async throws -> Finished {
    var variables: [Environment.Key: String?] = [:]
    for (name, value) in environment {
      if let key = Environment.Key(rawValue: name) { variables[key] = value }
    }
    variables["KUBERNETES_EXEC_INFO"] = information
    let executable: Executable =
      command.contains("/") ? .path(FilePath(command)) : .name(command)
    let result = try await Subprocess.run(
      executable, arguments: Arguments(arguments),
      environment: .inherit.updating(variables),
      output: .string(limit: Self.maximumOutputBytes),
      error: .string(limit: Self.maximumOutputBytes))
    let status =
      switch result.terminationStatus {
      case .exited(let code): "exit status \(code)"
      case .signaled(let signal): "signal \(signal)"
      }
    return Finished(
      isSuccess: result.terminationStatus.isSuccess, status: status,
      text: result.standardOutput, errors: result.standardError)
  }

  private static func lastLine(of text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    return String(line.prefix(300))
  }

  private func output(_ text: String) throws(KubeconfigError) -> Output {
    func refused(_ why: String) -> KubeconfigError { .execOutput(command: command, why: why) }
    let json: JSONValue
    do {
      json = try JSONValue(parsing: text.utf8)
    } catch {
      throw refused(error.description)
    }
    guard json["kind"]?.string == "ExecCredential" else {
      throw refused("Its kind isn't ExecCredential.")
    }
    guard json["apiVersion"]?.string == apiVersion else {
      throw refused("Its apiVersion isn't \(apiVersion).")
    }
    guard let status = json["status"], status.object != nil else {
      throw refused("It has no status.")
    }
    let token = status["token"]?.string
    let certificate = status["clientCertificateData"]?.string
    let key = status["clientKeyData"]?.string
    guard (certificate == nil) == (key == nil) else {
      throw refused("It has only one of clientCertificateData and clientKeyData.")
    }
    guard token != nil || certificate != nil else {
      throw refused("It has neither a token nor a client certificate.")
    }
    var expiresAt: Date?
    if let expiration = status["expirationTimestamp"]?.string {
      guard let date = Timestamp.date(expiration) else {
        throw refused("Its expirationTimestamp isn't an RFC 3339 time.")
      }
      expiresAt = date
    }
    var credentials = token.map(Credentials.bearer) ?? Credentials()
    if let certificate, let key {
      credentials.clientCertificate = ClientCertificate(
        certificateChain: certificate, privateKey: key)
    }
    return Output(credentials: credentials, expiresAt: expiresAt)
  }
}
