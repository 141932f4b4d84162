import Domain
import Foundation
import Kubernetes
import NIOCore
import Sandbox

/// Why the program can't start or go on: one or two plain sentences that say
/// what is wrong and what to do.
struct StartupError: Error, Equatable, CustomStringConvertible {
  let message: String

  init(_ message: String) {
    self.message = message
  }

  var description: String { message }

  /// Any error in words for a terminal. What nobody foresaw is shown whole:
  /// the reader is the operator.
  init(_ error: any Error, listeningOn address: ListenAddress? = nil) {
    switch error {
    case let error as StartupError: self = error
    case let error as DatabaseURLError: self.init(error.message)
    case let error as MigrationError: self.init(error.description)
    case let error as KubeconfigError: self.init(error.description)
    case let error as SandboxStateError: self.init(error.description)
    case let error as DatabaseBackup.Refusal: self.init(error.description)
    case let error as DatabaseMove.Refusal: self.init(error.description)
    case let error as StorageError: self.init(Self.sentence(error))
    case let error as DomainError:
      let details = error.underlying.map { " (\($0))" } ?? ""
      let fields = error.fields.map { "\($0.field): \($0.message)" }
      let sentences = fields.isEmpty ? [error.message, error.advice] : fields
      self.init(sentences.filter { !$0.isEmpty }.joined(separator: " ") + details)
    case let error as IOError:
      self.init(Self.sentence(error, address))
    default:
      self.init("BabyHelm stopped: \(error)")
    }
  }

  private static func sentence(_ error: StorageError) -> String {
    switch error {
    case .unavailable(let message), .readOnly(let message): message
    case .busy:
      """
      The database is locked by another program. Stop it, or choose another database: \
      --database-url sqlite:PATH.
      """
    default: "The database refused: \(error)."
    }
  }

  private static func sentence(_ error: IOError, _ address: ListenAddress?) -> String {
    guard let address else { return "BabyHelm stopped: \(error)." }
    let (host, port) = (address.host, address.port)
    return switch error.errnoCode {
    case EADDRINUSE:
      """
      Port \(port) on \(host) is taken by another program. \
      Stop it or choose another: --port \(port + 1).
      """
    case EACCES:
      "Port \(port) needs more rights than this user has. Choose one above 1023: --port 8080."
    case EADDRNOTAVAIL:
      "\(host) is not an address of this machine. Choose another: --host 127.0.0.1."
    default: "BabyHelm can't listen on \(host):\(port): \(error)."
    }
  }
}

/// Runs a command; an error becomes its sentence on standard error and exit
/// code 1.
func reportingErrors(
  listeningOn address: ListenAddress? = nil, _ work: () async throws -> Void
) async throws(ExitFailure) {
  do {
    try await work()
  } catch let failure as ExitFailure {
    // Whoever threw it has told the reason.
    throw failure
  } catch {
    Terminal.complain(StartupError(error, listeningOn: address).message)
    throw ExitFailure()
  }
}
