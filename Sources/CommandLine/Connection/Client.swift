internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Speaks to a server's `/api/v1`.
struct Client: Sendable {
  /// What the server answered.
  struct Answer: Sendable {
    let status: Int
    let body: JSON
    /// What the thing is called as it is now, for `If-Match` (RFC 9110 §8.8.3).
    var tag: String?

    /// The release that the call made: nil when all was as wanted already.
    var newRelease: Int? { status == 202 ? body["release"]?.integer : nil }
  }

  enum Method: String {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  /// More than any answer that isn't a log.
  private static let bodyLimit = 16 << 20
  private static let patience = TimeAmount.seconds(60)

  let connection: Connection
  private let http: HTTPClient

  /// Hands a client to `body` and closes its connections afterwards.
  static func with<Result>(
    _ connection: Connection, _ body: (Client) async throws -> Result
  ) async throws -> Result {
    var configuration = HTTPClient.Configuration()
    // A redirect would take the token to somewhere else.
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    configuration.connectionPool.retryConnectionEstablishment = false
    if let file = connection.certificates {
      configuration.tlsConfiguration = .makeClientConfiguration()
      configuration.tlsConfiguration?.trustRoots = .file(file)
    }
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let result = try await body(Client(connection: connection, http: http))
      try? await http.shutdown()
      return result
    } catch {
      try? await http.shutdown()
      throw error
    }
  }

  /// Asks and reads the whole answer.
  ///
  /// - Parameter tag: of the thing as it was seen; nil for whatever it is.
  /// - Throws: ``ClientError`` also for every status that is no success.
  func send(
    _ method: Method, _ path: String, query: [(String, String)] = [], body: JSON? = nil,
    match tag: String? = nil
  ) async throws -> Answer {
    var request = request(method, path, query: query, accept: "application/json")
    if let tag { request.headers.add(name: "If-Match", value: tag) }
    if let body {
      request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
      request.body = .bytes(body.data())
    }
    do {
      let response = try await http.execute(request, timeout: Self.patience)
      let bytes = try await response.body.collect(upTo: Self.bodyLimit)
      return try answer(response, bytes)
    } catch {
      throw translated(error)
    }
  }

  func get(_ path: String, query: [(String, String)] = []) async throws -> Answer {
    try await send(.get, path, query: query)
  }

  /// All items of a list, page after page.
  func list(_ path: String, query: [(String, String)] = []) async throws -> [JSON] {
    var items: [JSON] = []
    var cursor: String?
    repeat {
      let page = query + [("limit", "100")] + (cursor.map { [("cursor", $0)] } ?? [])
      let answer = try await get(path, query: page).body
      items += answer["items"]?.array ?? []
      let next = answer["next"]?.string
      // A server that never ends must not keep us for ever.
      cursor = next == cursor ? nil : next
    } while cursor != nil
    return items
  }

  /// Asks for an answer that comes bit by bit, for as long as it takes.
  ///
  /// - Parameter take: gets each piece with the answer's media type.
  func stream(
    _ path: String, query: [(String, String)] = [], accept: String,
    _ take: ([UInt8], String) async throws -> Void
  ) async throws {
    do {
      let response = try await http.execute(
        request(.get, path, query: query, accept: accept), deadline: .distantFuture)
      guard (200..<300).contains(response.status.code) else {
        let bytes = try await response.body.collect(upTo: Self.bodyLimit)
        _ = try answer(response, bytes)
        return
      }
      let type = response.headers.first(name: "Content-Type") ?? ""
      for try await bytes in response.body { try await take(Array(bytes.readableBytesView), type) }
    } catch {
      throw translated(error)
    }
  }

  // MARK: Requests and answers

  private func request(
    _ method: Method, _ path: String, query: [(String, String)], accept: String
  ) -> HTTPClientRequest {
    var parts = URLComponents()
    parts.queryItems =
      query.isEmpty ? nil : query.map { URLQueryItem(name: $0.0, value: $0.1) }
    // URLComponents leaves a plus alone, which servers read as a space.
    let text = parts.percentEncodedQuery?.replacing("+", with: "%2B") ?? ""
    var request = HTTPClientRequest(
      url: "\(connection.server)/api/v1\(path)\(text.isEmpty ? "" : "?\(text)")")
    request.method = HTTPMethod(rawValue: method.rawValue)
    request.headers.add(name: "Accept", value: accept)
    request.headers.add(name: "Authorization", value: "Bearer \(connection.token)")
    request.headers.add(name: "User-Agent", value: "babyhelm")
    return request
  }

  private func answer(_ response: HTTPClientResponse, _ bytes: ByteBuffer) throws -> Answer {
    let status = Int(response.status.code)
    let type = response.headers.first(name: "Content-Type") ?? ""
    let body = JSON(data: bytes.readableBytesView)
    guard (200..<300).contains(status) else {
      if (300..<400).contains(status) { throw redirected(response) }
      throw ClientError(status: status, body: type.contains("json") ? body ?? .null : .null)
    }
    guard bytes.readableBytes > 0 else {
      return Answer(status: status, body: .null)
    }
    guard type.contains("json"), let body else {
      throw ClientError(
        .unreachable, "\(connection.server) answers, but not as a BabyHelm does.",
        advice: "Check the address.")
    }
    return Answer(status: status, body: body, tag: response.headers.first(name: "ETag"))
  }

  private func redirected(_ response: HTTPClientResponse) -> ClientError {
    let place = response.headers.first(name: "Location") ?? "another place"
    return ClientError(
      .unreachable, "\(connection.server) leads to \(place), where the token is not sent.",
      advice: "Give the address that the browser ends up at: --server ADDRESS.")
  }

  /// In plain words why there was no answer.
  private func translated(_ error: any Error) -> any Error {
    if error is ClientError || error is CancellationError { return error }
    let server = connection.server
    let known = error as? HTTPClientError
    if known == .cancelled { return CancellationError() }
    let isLate = [.connectTimeout, .deadlineExceeded, .readTimeout].contains(known)
    let isUntrusted =
      error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
      || known == .tlsHandshakeTimeout
    if isUntrusted {
      return ClientError(
        .unreachable, "The certificate of \(server) isn't one that this machine trusts.",
        advice: "Name the file of the authority that signed it: babyhelm login --ca FILE, "
          + "or BABYHELM_CA.")
    }
    if error is NIOTooManyBytesError {
      return ClientError(.unreachable, "The answer of \(server) is too long.")
    }
    return ClientError(
      .unreachable, "\(server) \(isLate ? "doesn't answer in time" : "can't be reached").",
      advice: "Check the address and whether the server runs.")
  }
}
