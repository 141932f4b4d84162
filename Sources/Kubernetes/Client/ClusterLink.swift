import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends requests to an API server over HTTP/1.1, as one configuration says it,
/// and turns whatever goes wrong into a ``KubernetesError``.
///
/// Two HTTP clients: calls share a few connections, streams (watches, followed
/// logs) get one each, as many as there are. In one client with a limit on
/// connections, streams that never end would starve the calls.
///
/// Whoever reads a stream holds the link, and the last one closes it.
final class ClusterLink: Sendable {
  /// The longest answer that isn't a stream: 64 MiB.
  static let maximumBodyBytes = 64 << 20
  /// The longest status that a stream is refused with: 1 MiB.
  private static let maximumRefusalBytes = 1 << 20

  let configuration: ClusterConfiguration
  private let calls: HTTPClient
  private let streams: HTTPClient
  private let logger: Logger
  private let urlPrefix: String
  private let hostHeader: String?
  /// Why nothing can be sent; `nil` when it can.
  let setupError: KubernetesError?

  init(configuration: ClusterConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    var settings = HTTPClient.Configuration()
    do {
      settings = try HTTPClient.Configuration(configuration)
      setupError = nil
    } catch {
      setupError = error
    }
    calls = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 10_000
    streams = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    let path = configuration.server.path(percentEncoded: true)
    let base = path.hasSuffix("/") ? String(path.dropLast()) : path
    // The certificate is checked against the URL's host, so another wanted name
    // goes there; `dnsOverride` leads it to the real address.
    let serverName = configuration.isTLS ? configuration.tls.serverName : nil
    let authority = serverName.map { "\($0):\(configuration.port)" } ?? configuration.host
    urlPrefix = "\(configuration.isTLS ? "https" : "http")://\(authority)\(base)"
    hostHeader = serverName == nil ? nil : configuration.host
  }

  deinit {
    let clients = [calls, streams]
    Task {
      // Shut down already, as a rule; then this throws.
      for client in clients { try? await client.shutdown() }
    }
  }

  func shutdown() async {
    for client in [calls, streams] {
      do {
        try await client.shutdown()
      } catch {
        logger.debug("Closing connections to the API server: \(error)")
      }
    }
  }

  /// One whole answer.
  struct Answer: Sendable {
    var status: Int
    var retryAfter: Duration?
    var warnings: [String]
    var body: [UInt8]
  }

  /// Sends once, waits for the whole answer.
  func call(
    _ request: KubernetesRequest, timeout: Duration
  ) async throws(KubernetesError) -> Answer {
    let httpRequest = try await prepare(request)
    let client = calls
    do {
      return try await withTimeout(timeout) {
        let response = try await client.execute(httpRequest, deadline: .now() + .hours(1))
        var answer = Answer(response)
        answer.body = try await collect(response.body, limit: ClusterLink.maximumBodyBytes)
        return answer
      }
    } catch {
      throw await mapped(error, timeout: timeout)
    }
  }

  /// Sends once, and returns the body as it comes. Answers other than 200 are
  /// thrown.
  ///
  /// - Parameter timeout: until the server begins to answer.
  func stream(
    _ request: KubernetesRequest, timeout: Duration
  ) async throws(KubernetesError) -> HTTPClientResponse.Body {
    let httpRequest = try await prepare(request)
    let client = streams
    let answer: Answer
    do {
      let response = try await withTimeout(timeout) {
        try await client.execute(httpRequest, deadline: .now() + .hours(1))
      }
      if response.status == .ok { return response.body }
      answer = try await withTimeout(timeout) {
        var answer = Answer(response)
        answer.body = try await collect(response.body, limit: ClusterLink.maximumRefusalBytes)
        return answer
      }
    } catch {
      throw await mapped(error, timeout: timeout)
    }
    throw .status(answer.refusal)
  }

  private func prepare(
    _ request: KubernetesRequest
  ) async throws(KubernetesError) -> HTTPClientRequest {
    if let setupError { throw setupError }
    let credentials: Credentials
    do {
      credentials = try await configuration.credentials.credentials()
    } catch {
      throw .credentials(error)
    }
    var result = HTTPClientRequest(url: urlPrefix + request.target)
    result.method = HTTPMethod(rawValue: request.method.rawValue)
    result.headers.add(name: "Accept", value: "application/json, */*")
    if let hostHeader { result.headers.add(name: "Host", value: hostHeader) }
    if let authorization = credentials.authorization {
      result.headers.add(name: "Authorization", value: authorization)
    }
    if let body = request.body {
      result.headers.add(
        name: "Content-Type", value: (request.contentType ?? .json).rawValue)
      result.body = .bytes(ByteBuffer(bytes: body.serialized()))
    }
    if let certificate = credentials.clientCertificate {
      var settings = configuration.tls
      settings.clientCertificate = certificate
      result.tlsConfiguration = try TLSConfiguration(settings)
    }
    return result
  }

  func mapped(_ error: any Error, timeout: Duration) async -> KubernetesError {
    var mapped = ConnectionErrors.mapped(
      error, address: configuration.address, timeout: timeout)
    if case .unreachable(let address, .untrustedCertificate) = mapped {
      let reason = await CertificateProbe(configuration).reasonOfDistrust()
      mapped = .unreachable(address: address, reason)
    }
    return mapped
  }
}

/// The whole of a body.
private func collect(
  _ body: HTTPClientResponse.Body, limit: Int
) async throws -> [UInt8] {
  var bytes: [UInt8] = []
  for try await chunk in body {
    if bytes.count + chunk.readableBytes > limit {
      throw KubernetesError.tooLarge(limitBytes: limit)
    }
    bytes.append(contentsOf: chunk.readableBytesView)
  }
  // A cancelled body ends as if it were whole.
  try Task.checkCancellation()
  return bytes
}

/// The time allowed is over.
struct TimeoutError: Error {}

/// Runs `work`, and cancels it when the time allowed is over.
///
/// The HTTP client's own deadline covers the head of an answer only.
///
/// - Throws: ``TimeoutError``, or what `work` throws.
func withTimeout<Value: Sendable>(
  _ timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: timeout)
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let value = first else { throw TimeoutError() }
    return value
  }
}

extension ClusterLink.Answer {
  fileprivate init(_ response: HTTPClientResponse) {
    status = Int(response.status.code)
    retryAfter = response.headers.first(name: "Retry-After").flatMap(Int.init).map {
      .seconds(max(0, $0))
    }
    warnings = response.headers["Warning"].flatMap(WarningHeader.texts)
    body = []
  }

  /// The `Status` of an answer that isn't a success. A body that is none, such
  /// as a proxy's page, becomes a status of its own.
  var refusal: Status {
    var result: Status
    if let json = try? JSONValue(parsing: body), let status = try? Status(json: json, code: status)
    {
      result = status
    } else {
      let text = String(decoding: body.prefix(200), as: UTF8.self)
      let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      let isMarkup = line.hasPrefix("<")
      result = Status(
        reason: "", code: status,
        message: isMarkup || line.isEmpty ? "an answer that is no Kubernetes status" : line)
    }
    if result.code == 0 { result.code = status }
    if let retryAfter, result.details.retryAfterSeconds == nil {
      result.details.retryAfterSeconds = Int(retryAfter.components.seconds)
    }
    return result
  }
}
