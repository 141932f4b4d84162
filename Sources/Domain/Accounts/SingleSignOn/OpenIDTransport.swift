internal import AsyncHTTPClient
internal import Foundation
internal import Kubernetes
internal import NIOCore
internal import NIOFoundationCompat
internal import NIOHTTP1
internal import NIOSSL

/// Asks an OpenID provider: no redirect is followed, an answer has at most
/// 1 MiB, and all of it takes at most ten seconds.
struct OpenIDTransport: Sendable {
  private static let limit = 1 << 20
  private static let timeout = TimeAmount.seconds(10)

  /// As PEM; beside the system's.
  let certificateAuthorities: String?

  /// Reads a document.
  func json(at address: String, bearer: String?) async throws(OpenIDFailure) -> JSONValue {
    var request = HTTPClientRequest(url: address)
    if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer)") }
    return try await send(request)
  }

  /// Sends a form.
  func post(
    _ form: [(String, String)], to address: String, authorization: String?
  ) async throws(OpenIDFailure) -> JSONValue {
    var request = HTTPClientRequest(url: address)
    request.method = .POST
    if let authorization { request.headers.add(name: "Authorization", value: authorization) }
    request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
    let text = form.map { "\(FormEncoding.encoded($0))=\(FormEncoding.encoded($1))" }
    request.body = .bytes(ByteBuffer(string: text.joined(separator: "&")))
    return try await send(request)
  }

  private func send(_ request: HTTPClientRequest) async throws(OpenIDFailure) -> JSONValue {
    var request = request
    request.headers.add(name: "Accept", value: "application/json")
    request.headers.add(name: "User-Agent", value: "BabyHelm")
    let asked = request
    let answered: (status: UInt, body: ByteBuffer)
    do {
      // Sign-ins are rare: a client for each asks for no upkeep.
      answered = try await HTTPClient.withHTTPClient(configuration: try configuration()) { client in
        let response = try await client.execute(asked, timeout: Self.timeout)
        return (response.status.code, try await response.body.collect(upTo: Self.limit))
      }
    } catch let error as OpenIDFailure {
      throw error
    } catch is NIOTooManyBytesError {
      throw .unusable("its answer has more than \(Self.limit) bytes")
    } catch {
      throw .unreachable("\(type(of: error)): \(error)")
    }
    let json = try? JSONValue(parsing: Data(buffer: answered.body))
    guard answered.status == 200 else {
      // RFC 6749 §5.2: the code of an error, in a few ASCII characters.
      let code = json?["error"]?.string.map { String($0.prefix(60)) } ?? "no reason"
      throw .refused("status \(answered.status), \(code)")
    }
    guard let json else { throw .unusable("its answer is no JSON") }
    return json
  }

  private func configuration() throws(OpenIDFailure) -> HTTPClient.Configuration {
    var tls = TLSConfiguration.makeClientConfiguration()
    if let certificateAuthorities {
      guard
        let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(certificateAuthorities.utf8))
      else { throw .unusable("the certificates given for it can't be read") }
      tls.additionalTrustRoots = [.certificates(certificates)]
    }
    return HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(connect: .seconds(5), read: Self.timeout))
  }
}

/// A form's encoding (URL Standard, application/x-www-form-urlencoded).
enum FormEncoding {
  private static let plain = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }
}
