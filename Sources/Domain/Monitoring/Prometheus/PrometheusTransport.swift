internal import AsyncHTTPClient
internal import Foundation
internal import Kubernetes
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Sends forms to Prometheus and reads its answers, through a client of its
/// own: the address is the operator's, so it doesn't go through Outbound.
///
/// At most ``connections`` questions are under way at once; others wait for
/// their turn, and their time runs while they do. No redirect is followed.
final class PrometheusTransport: Sendable {
  /// How many questions are under way at once.
  static let connections = 12
  /// The most bytes of an answer. A chart of twelve lines has 100 KiB.
  static let limit = 2 << 20

  struct Answer: Sendable {
    let status: Int
    let location: String?
    let body: [UInt8]
  }

  private let settings: PrometheusSettings
  private let client: HTTPClient
  private let hasCertificates: Bool

  init(_ settings: PrometheusSettings) {
    self.settings = settings
    var tls = TLSConfiguration.makeClientConfiguration()
    var isReadable = true
    if let pem = settings.certificateAuthorities {
      if let found = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)), !found.isEmpty {
        tls.additionalTrustRoots = [.certificates(found)]
      } else {
        isReadable = false
      }
    }
    hasCertificates = isReadable
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(connect: .seconds(5)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connections
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit {
    // It closes its connections in the background and lives as long as that takes.
    client.shutdown { _ in }
  }

  /// Sends a form to a path below the address, and reads the answer.
  func post(
    _ path: String, _ form: [(String, String)], within timeout: Duration
  ) async throws(PrometheusFailure) -> Answer {
    var request = HTTPClientRequest(url: settings.address + path)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
    request.body = .bytes(ByteBuffer(string: Self.encoded(form)))
    return try await ask(request, within: timeout)
  }

  /// Asks with a query in the address, for what takes no form.
  func get(
    _ path: String, _ query: [(String, String)], within timeout: Duration
  ) async throws(PrometheusFailure) -> Answer {
    let text = query.isEmpty ? "" : "?\(Self.encoded(query))"
    return try await ask(HTTPClientRequest(url: settings.address + path + text), within: timeout)
  }

  private static func encoded(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(FormEncoding.encoded($0))=\(FormEncoding.encoded($1))" }.joined(separator: "&")
  }

  private func ask(
    _ question: HTTPClientRequest, within timeout: Duration
  ) async throws(PrometheusFailure) -> Answer {
    guard hasCertificates else { throw .certificates }
    var request = question
    request.headers.add(name: "Accept", value: "application/json")
    request.headers.add(name: "User-Agent", value: "BabyHelm")
    if let authorization = try authorization() {
      request.headers.add(name: "Authorization", value: authorization)
    }
    let start = ContinuousClock.now
    do throws(PrometheusFailure) {
      return try await send(request, within: timeout)
    } catch .unreachable(.connectionLost) {
      // An idle connection that the other side had closed meanwhile: a question may be repeated.
      let left = timeout - (ContinuousClock.now - start)
      guard left > .zero else { throw .timedOut }
      return try await send(request, within: left)
    }
  }

  private func send(
    _ request: HTTPClientRequest, within timeout: Duration
  ) async throws(PrometheusFailure) -> Answer {
    do {
      return try await withThrowingTaskGroup(of: Answer?.self) { [client] group in
        group.addTask {
          let response = try await client.execute(
            request, deadline: .now() + .milliseconds(timeout.milliseconds))
          return Answer(
            status: Int(response.status.code), location: response.headers.first(name: "Location"),
            body: try await Self.body(of: response))
        }
        // The client's own deadline is over when the first bytes come.
        group.addTask {
          try await Task.sleep(for: timeout)
          return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let answer = first else {
          throw PrometheusFailure.timedOut
        }
        return answer
      }
    } catch let failure as PrometheusFailure {
      throw failure
    } catch is NIOTooManyBytesError {
      throw .tooLarge("it has more than \(Self.limit >> 20) MiB")
    } catch {
      switch ConnectionErrors.mapped(error, address: settings.address, timeout: timeout) {
      case .unreachable(_, let reason): throw .unreachable(reason)
      default: throw .timedOut
      }
    }
  }

  /// Reads no further than ``limit``; what was announced as longer isn't read at all.
  private static func body(of response: HTTPClientResponse) async throws -> [UInt8] {
    if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }),
      length > limit
    {
      throw NIOTooManyBytesError(maxBytes: limit)
    }
    var bytes: [UInt8] = []
    for try await part in response.body {
      guard bytes.count + part.readableBytes <= limit else {
        throw NIOTooManyBytesError(maxBytes: limit)
      }
      bytes.append(contentsOf: part.readableBytesView)
    }
    return bytes
  }

  /// The files are read each time, so that a new token counts at once; they are
  /// small and local.
  private func authorization() throws(PrometheusFailure) -> String? {
    switch settings.credentials {
    case .none: return nil
    case .tokenFile(let path): return "Bearer \(try Self.secret(in: path))"
    case .basic(let username, let path):
      let pair = "\(username):\(try Self.secret(in: path))"
      return "Basic \(Data(pair.utf8).base64EncodedString())"
    }
  }

  private static func secret(in path: String) throws(PrometheusFailure) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingSpaces() ?? ""
    // Control characters can't be in a header.
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .credentials(file: path)
    }
    return text
  }
}

extension Duration {
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
