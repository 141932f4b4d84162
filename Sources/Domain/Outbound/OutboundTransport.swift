internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Requests to addresses that people name: webhooks, registries. Each goes
/// where ``OutboundAddresses`` allows, to the very answer that was judged;
/// no redirect is followed, and an answer is bounded in size and time.
public struct OutboundTransport: Sendable {
  public var addresses: OutboundAddresses
  /// For the name, the connection and the whole answer.
  public var timeout: Duration
  /// The most bytes of an answer that are read.
  public var maximumBytes: Int
  /// Whether of a longer answer the beginning counts, for who asks only how it
  /// went; otherwise it is no answer.
  public var cutsLongAnswers = false
  /// Whether plain HTTP may be spoken.
  public var allowsPlain: Bool
  /// Networks in which plain HTTP may be spoken all the same.
  public var plainNetworks: [IPNetwork] = []

  public init(
    addresses: OutboundAddresses, timeout: Duration = .seconds(10), maximumBytes: Int = 64 << 10,
    allowsPlain: Bool = false
  ) {
    self.addresses = addresses
    self.timeout = timeout
    self.maximumBytes = maximumBytes
    self.allowsPlain = allowsPlain
  }

  public struct Answer: Sendable, Hashable {
    public let status: Int
    public let headers: [String: String]
    public let body: [UInt8]
  }

  /// Why there is no answer.
  public enum Failure: Error, Sendable, Hashable {
    /// Not an address like `https://hooks.example.org/path`.
    case malformed
    case refused(OutboundAddresses.Refusal, host: String)
    /// Plain HTTP, where it isn't allowed.
    case plain(host: String)
    case noAnswer
    case tooLarge

    /// Why, as a whole sentence.
    public var sentence: String {
      switch self {
      case .malformed: "This is no address like https://hooks.example.org/path."
      case .refused(let refusal, let host): refusal.sentence(about: host)
      case .plain(let host): "“\(host)” is only asked over https."
      case .noAnswer: "Nothing answered there in time."
      case .tooLarge: "The answer is too large."
      }
    }
  }

  /// Sends a request and reads the answer; a redirect is an answer like others.
  public func send(
    _ method: String = "GET", to url: String, headers: [(String, String)] = [],
    body: [UInt8] = []
  ) async throws(Failure) -> Answer {
    guard let (host, text) = Self.checked(url, allowsPlain: allowsPlain || !plainNetworks.isEmpty)
    else { throw .malformed }
    let start = ContinuousClock.now
    let target: IPAddress
    do {
      target = try await addresses.target(of: host, within: timeout)
    } catch {
      throw .refused(error, host: host)
    }
    guard
      allowsPlain || text.hasPrefix("https:")
        || plainNetworks.contains(where: { $0.contains(target) })
    else { throw .plain(host: host) }
    var request = HTTPClientRequest(url: text)
    request.method = HTTPMethod(rawValue: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    request.headers.replaceOrAdd(name: "Connection", value: "close")
    if !body.isEmpty { request.body = .bytes(ByteBuffer(bytes: body)) }
    let left = max(timeout - (ContinuousClock.now - start), .milliseconds(200))
    return try await execute(request, host: host, target: target, within: left)
  }

  /// The host of an address, and the address written anew, so that nobody
  /// reads another host into it than the one that is judged.
  private static func checked(_ url: String, allowsPlain: Bool) -> (host: String, text: String)? {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
      let named = parts.host, !named.isEmpty, parts.user == nil, parts.password == nil,
      parts.fragment == nil, scheme == "https" || (allowsPlain && scheme == "http"),
      // A URL has none of them; some parsers drop them.
      !url.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F || $0 == "\\" })
    else { return nil }
    let host = named.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    let port = parts.port.map { ":\($0)" } ?? ""
    let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
    let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    let name = host.contains(":") ? "[\(host)]" : host
    return (host, "\(scheme)://\(name)\(port)\(path)\(query)")
  }

  /// What is wrong with an address before anything is looked up, as a sentence;
  /// nil when nothing is.
  static func mistake(in url: String, allowsPlain: Bool) -> String? {
    if url.utf8.count > 2_000 { return "The address has more than 2,000 characters." }
    if checked(url, allowsPlain: allowsPlain) != nil { return nil }
    return checked(url, allowsPlain: true) == nil
      ? Failure.malformed.sentence : "The address has to begin with https://."
  }

  private func execute(
    _ request: HTTPClientRequest, host: String, target: IPAddress, within limit: Duration
  ) async throws(Failure) -> Answer {
    var settings = HTTPClient.Configuration()
    settings.redirectConfiguration = .disallow
    settings.httpVersion = .http1Only
    settings.connectionPool.retryConnectionEstablishment = false
    settings.dnsOverride[host] = target.description
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    let result: Result<Answer, Failure>
    do {
      result = .success(try await answer(to: request, from: client, within: limit))
    } catch let failure as Failure {
      result = .failure(failure)
    } catch {
      result = .failure(.noAnswer)
    }
    // It has one connection, which is closed by now.
    try? await client.shutdown()
    return try result.get()
  }

  /// One time limit for the head and the body: the client's own is over when the
  /// head comes, and a receiver may send nothing after that.
  private func answer(
    to request: HTTPClientRequest, from client: HTTPClient, within limit: Duration
  ) async throws -> Answer {
    let nanoseconds =
      limit.components.seconds * 1_000_000_000 + limit.components.attoseconds / 1_000_000_000
    return try await withThrowingTaskGroup(of: Answer?.self) { [self] group in
      group.addTask {
        let response = try await client.execute(
          request, deadline: .now() + .nanoseconds(nanoseconds))
        let headers = response.headers.map { ($0.name.lowercased(), $0.value) }
        return Answer(
          status: Int(response.status.code), headers: Dictionary(headers) { first, _ in first },
          body: try await body(of: response))
      }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let answer = first else { throw Failure.noAnswer }
      return answer
    }
  }

  private func body(of response: HTTPClientResponse) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await part in response.body {
      bytes += part.readableBytesView.prefix(maximumBytes - bytes.count + 1)
      guard bytes.count > maximumBytes else { continue }
      guard cutsLongAnswers else { throw Failure.tooLarge }
      // Who stops reading has the client close the connection.
      bytes.removeLast()
      break
    }
    return bytes
  }
}
