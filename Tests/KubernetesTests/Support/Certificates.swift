import Foundation
import NIOSSL
import Subprocess

/// Certificates made with the openssl command for one run of the tests.
struct Certificates: Sendable {
  /// What tests say that are skipped without openssl.
  static let absence = "there is no openssl command to make certificates with"
  static let isAvailable = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/openssl")
    }

  private static let making = Task { try await Certificates() }

  /// The certificates of this run, made when they are first needed.
  static var shared: Certificates {
    get async throws { try await making.value }
  }

  private let folder: TemporaryFolder

  /// Makes an authority, and certificates of it: `server` and `expired` for
  /// 127.0.0.1 and localhost, `other` for another host, `client`.
  private init() async throws {
    folder = try TemporaryFolder()
    try await openssl("req -x509 \(Self.key("ca")) -out ca.pem -subj /CN=authority -days 2")
    try await openssl("req -x509 \(Self.key("ca2")) -out ca2.pem -subj /CN=stranger -days 2")
    try await sign("server", names: "IP:127.0.0.1,DNS:localhost", days: 1)
    try await sign("expired", names: "IP:127.0.0.1", days: -1)
    try await sign("other", names: "DNS:other.example", days: 1)
    try await sign("client", names: "DNS:client", days: 1)
  }

  private static func key(_ name: String) -> String {
    "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key"
  }

  private func sign(_ name: String, names: String, days: Int) async throws {
    try await openssl(
      "req \(Self.key(name)) -out \(name).csr -subj /CN=\(name) -addext subjectAltName=\(names)")
    try await openssl(
      "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        + "-copy_extensions copyall -days \(days) -out \(name).pem")
  }

  private struct OpenSSLError: Error {
    let text: String
  }

  private func openssl(_ arguments: String) async throws {
    let command = "cd '\(folder.path)' && openssl \(arguments)"
    let result = try await Subprocess.run(
      .name("sh"), arguments: ["-c", command], output: .discarded,
      error: .string(limit: 1 << 16))
    if !result.terminationStatus.isSuccess { throw OpenSSLError(text: result.standardError) }
  }

  /// The PEM of a certificate (`ca`, `server`…).
  func pem(_ name: String) -> String { folder.read("\(name).pem") }

  /// The PEM of a certificate's key.
  func key(_ name: String) -> String { folder.read("\(name).key") }

  /// A server's side, with a certificate; asks for one of this authority if told.
  func serverContext(_ name: String, asksClient: Bool = false) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(pem(name).utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key(name).utf8), format: .pem)))
    if asksClient {
      configuration.certificateVerification = .noHostnameVerification
      configuration.trustRoots = .certificates(
        try NIOSSLCertificate.fromPEMBytes(Array(pem("ca").utf8)))
    }
    return try NIOSSLContext(configuration: configuration)
  }
}
