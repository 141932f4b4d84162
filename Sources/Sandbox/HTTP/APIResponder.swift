import Foundation
import HTTPTypes
import Hummingbird
import Kubernetes
import NIOCore
import ServiceLifecycle

/// A request's connection, which a fault may close.
struct ConnectionContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}

/// Answers every request of the API server.
struct APIResponder: HTTPResponder {
  typealias Context = ConnectionContext

  let cluster: Cluster
  let clients: Clients
  let listener: Listener
  let faults: FaultInjector
  let counter: TrafficCounter

  /// The largest body that is read; etcd takes 1.5 MB.
  private static let bodyLimit = 3 * 1024 * 1024

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    var call = APIRequest(request)
    do {
      let isKnown = await clients.admit(&call, to: cluster)
      if let answer = health(call) { return answer }
      guard isKnown else { throw APIError.unauthorized }
      try await fail(request, on: context.channel)
      if let answer = Discovery.answer(
        call, port: listener.currentPort ?? 0, isBare: !cluster.configuration.hasProviders)
      {
        return answer
      }
      if call.path.first == PrometheusAnswers.path, !call.isByMember {
        let form = call.method == .get ? [] : try await read(request)
        return await PrometheusAnswers(cluster: cluster).answer(call, body: form)
      }
      if call.path == ["metrics"] { return .plain(.ok, counter.traffic.metrics) }
      guard let target = APITarget(path: call.path), isServed(target) else {
        return .plain(.notFound, Self.notFound)
      }
      if !call.isByAdmin { counter.note(call, target) }
      try await AccessCheck.check(call, target, cluster)
      // A GET has no body, and its stream tells when the client goes away.
      let bytes = call.method == .get ? [] : try await read(request)
      return try await APICall(
        cluster: cluster, request: call, target: target, body: bytes, inbound: request.body,
        counter: counter
      ).answer()
    } catch let error as APIError {
      return .failure(error)
    }
  }

  /// Lets happen to a request what the faults say.
  private func fail(_ request: Request, on channel: any Channel) async throws {
    let latency = faults.faults.latency
    if latency > .zero { try await Task.sleep(for: latency) }
    switch faults.mishap() {
    case .refused(let error): throw error
    case .stalled:
      await outwait(request)
      try await channel.close()
    case .dropped: try await channel.close()
    case nil: break
    }
  }

  /// Waits until the client leaves or the server stops.
  private func outwait(_ request: Request) async {
    await cancelWhenGracefulShutdown {
      try? await request.body.consumeWithCancellationOnInboundClose { body in
        try await body.readToEnd()
        try await Task.sleep(for: .seconds(24 * 3600))
      }
    }
  }

  private func read(_ request: Request) async throws -> [UInt8] {
    do {
      let buffer = try await request.body.collect(upTo: Self.bodyLimit)
      return [UInt8](buffer.readableBytesView)
    } catch {
      throw APIError(
        code: 413, reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is \(Self.bodyLimit)")
    }
  }

  /// A bare control plane has no metrics server.
  private func isServed(_ target: APITarget) -> Bool {
    target.kind.type.group != Metrics.group || cluster.configuration.hasProviders
  }

  private static let notFound = "404 page not found\n"

  private func health(_ call: APIRequest) -> Response? {
    guard call.path.count == 1, ["healthz", "livez", "readyz"].contains(call.path[0]) else {
      return nil
    }
    return .plain(.ok, "ok")
  }
}

/// Who may come in, by the token they show.
struct Clients: Sendable {
  private let token: String
  private let adminToken: String
  /// Who shows ``token``; `nil` may do everything.
  private let account: ActingUser?

  /// What stands before a token in the path.
  static let tokenPath = "cluster"

  init(_ server: SandboxServer) {
    token = server.token
    adminToken = server.adminToken
    account = server.configuration.role?.account
  }

  /// Takes the token out of a request's path, and says who asks.
  ///
  /// - Returns: false for a request without a token, or another one's.
  func admit(_ call: inout APIRequest, to cluster: Cluster) async -> Bool {
    var shown: String?
    if call.path.first == Self.tokenPath, call.path.count > 1 {
      shown = call.path[1]
      call.path.removeFirst(2)
    } else if let header = call.headers[.authorization], header.hasPrefix("Bearer ") {
      shown = String(header.dropFirst("Bearer ".count))
    }
    call.isByAdmin = shown == adminToken
    guard !call.isByAdmin else { return true }
    call.account = account
    if shown == token { return true }
    guard let shown, let member = await cluster.account(showing: shown) else { return false }
    call.account = member
    call.isByMember = true
    return true
  }
}

extension RequestBody {
  /// Reads what is left of a request before a stream begins. A stream that ends
  /// earlier leaves a half-read request behind, which NIO takes for a
  /// programmer's mistake and traps.
  func readToEnd() async throws { for try await _ in self {} }
}

extension Response {
  static func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.serialized())))
  }

  static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// An answer that goes on. Its connection ends with it, and says so, lest a
  /// client sends its next request into a connection that is just closing.
  static func stream(_ type: String, _ body: ResponseBody) -> Response {
    Response(status: .ok, headers: [.contentType: type, .connection: "close"], body: body)
  }

  static func failure(_ error: APIError) -> Response {
    var response = Response.json(error.status, HTTPResponse.Status(code: error.code))
    if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
    return response
  }

  /// Adds a `Warning` header for each text (RFC 7234 §5.5, code 299).
  mutating func warn(_ texts: [String]) {
    guard let name = HTTPField.Name("Warning") else { return }
    for text in texts {
      let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      headers.append(HTTPField(name: name, value: "299 - \"\(quoted)\""))
    }
  }
}

/// The resource that a path names.
struct APITarget: Sendable {
  var kind: ServedKind
  var namespace: String?
  var name: String?
  var subresource: String?

  /// Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`.
  init?(path: [String]) {
    var rest = path[...]
    let group: String
    switch rest.popFirst() {
    case "api": group = ""
    case "apis":
      guard let name = rest.popFirst() else { return nil }
      group = name
    default: return nil
    }
    guard let version = rest.popFirst() else { return nil }
    if rest.first == "namespaces", rest.count > 2, !["status", "finalize"].contains(rest.last) {
      rest.removeFirst()
      namespace = rest.popFirst()
    } else if rest.first == "namespaces", rest.count > 3 {
      rest.removeFirst()
      namespace = rest.popFirst()
    }
    guard let plural = rest.popFirst() else { return nil }
    if let kind = Kinds.kind(group: group, version: version, plural: plural) {
      self.kind = kind
    } else if let kind = Reviews.kind(group: group, version: version, plural: plural) {
      self.kind = kind
    } else if let kind = Metrics.kind(group: group, version: version, plural: plural) {
      self.kind = kind
    } else {
      return nil
    }
    name = rest.popFirst()
    subresource = rest.popFirst()
    guard rest.isEmpty, kind.type.isNamespaced || namespace == nil else { return nil }
  }

  var key: ObjectKey { ObjectKey(namespace ?? "", name ?? "") }
}
