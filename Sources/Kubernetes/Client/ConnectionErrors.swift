import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Tells apart what the network libraries throw.
public enum ConnectionErrors {
  /// What an error of AsyncHTTPClient or NIO comes to, for any address.
  public static func mapped(
    _ error: any Error, address: String, timeout: Duration
  ) -> KubernetesError {
    switch error {
    case let error as KubernetesError: return error
    case is CancellationError: return .cancelled
    case is TimeoutError: return .timedOut(address: address, after: timeout)
    case let error as HTTPClientError:
      switch error {
      case .cancelled, .alreadyShutdown: return .cancelled
      case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout:
        return .timedOut(address: address, after: timeout)
      default: break
      }
    default: break
    }
    return .unreachable(address: address, reason(error))
  }

  private static func reason(_ error: any Error) -> Unreachable {
    switch error {
    case let error as HTTPClientError: return reason(error)
    case let error as NIOConnectionError: return reason(error)
    case let error as IOError: return reason(errno: error.errnoCode, error)
    case let error as NIOSSLError: return reason(error)
    // After the handshake, as TLS 1.3 has it, alerts come without a wrapping.
    case BoringSSLError.sslError(let stack): return reason(stack)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return .wrongHost
    case let error as ChannelError:
      if case .connectTimeout = error { return .connectTimedOut }
      return .connectionLost
    case is HTTPParserError: return .connectionLost
    default: return .other(String(describing: error))
    }
  }

  private static func reason(_ error: HTTPClientError) -> Unreachable {
    switch error {
    case .remoteConnectionClosed, .uncleanShutdown, .bodyLengthMismatch,
      .requestStreamCancelled:
      .connectionLost
    case .connectTimeout, .tlsHandshakeTimeout: .connectTimedOut
    case .proxyAuthenticationRequired, .invalidProxyResponse, .socksHandshakeTimeout,
      .httpProxyHandshakeTimeout:
      .proxyRefused
    default: .other(error.shortDescription)
    }
  }

  private static func reason(_ error: NIOConnectionError) -> Unreachable {
    if let first = error.connectionErrors.first {
      return reason(first.error)
    }
    return .unknownHost
  }

  private static func reason(errno code: CInt, _ error: IOError) -> Unreachable {
    switch code {
    case ECONNREFUSED: .refused
    case ECONNRESET, EPIPE: .connectionLost
    case EHOSTUNREACH, ENETUNREACH: .noRoute
    case ETIMEDOUT: .connectTimedOut
    default: .other(error.description)
    }
  }

  private static func reason(_ error: NIOSSLError) -> Unreachable {
    switch error {
    case .unableToValidateCertificate: return .untrustedCertificate
    case .uncleanShutdown: return .connectionLost
    case .handshakeFailed(.sslError(let stack)): return reason(stack)
    default: return .other("TLS: \(error)")
    }
  }

  /// BoringSSL's error names are the only thing that tells its errors apart.
  private static func reason(_ stack: NIOBoringSSLErrorStack) -> Unreachable {
    let text = stack.map(\.description).joined(separator: "; ")
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return .untrustedCertificate }
    if text.contains("EOF during handshake") { return .connectionLost }
    if ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL"].contains(
      where: text.contains)
    {
      return .notTLS
    }
    // Alerts from the server about the client's certificate.
    let alerts = ["ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE", "ALERT_UNKNOWN_CA"]
    if alerts.contains(where: text.contains) { return .clientCertificateRefused }
    return .other("TLS: \(text)")
  }
}
