import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// One log line a request: what was asked, by whom, the answer and how long it
/// took (docs/logs.md). Never the query, a cookie or a form, which hold what
/// people typed, nor a secret that is part of a path.
///
/// An answer of known length is logged when it is ready, a stream when it has
/// ended, with what was sent.
struct RequestLog: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    let line = RequestLine(request, context)
    do {
      var response = try await next(request, context)
      line.answered(response.status)
      if let length = response.body.contentLength {
        line.write(bytes: length)
      } else {
        let body = response.body.map { buffer in
          line.sent(buffer.readableBytes)
          return buffer
        }
        response.body = ResponseBody { writer in
          defer { line.write() }
          try await body.write(writer)
        }
      }
      return response
    } catch {
      line.answered(.internalServerError)
      line.write(bytes: 0)
      throw error
    }
  }

  /// The path as logs may have it: without a secret, and of bounded length.
  static func path(of request: Request, _ context: some RequestContext) -> String {
    guard context.parameters.get("secret") == nil else {
      return RouteTemplate.text(context.endpointPath)
    }
    let path = request.uri.path
    return path.utf8.count <= 1_024 ? path : "\(path.prefix(1_000))…"
  }
}

/// Who turned out to make a request: known deeper within than where the line is
/// written.
final class RequestPerson: Sendable {
  private let principal = Mutex<Principal?>(nil)

  var value: Principal? { principal.withLock { $0 } }

  func note(_ person: Principal?) {
    principal.withLock { $0 = person }
  }
}

/// The line of one request, written once: at the latest when nobody holds the
/// answer any more, because it was never sent.
private final class RequestLine: Sendable {
  private struct State {
    var status = HTTPResponse.Status.internalServerError
    var bytes = 0
    var isWritten = false
  }

  private let request: (method: String, path: String)
  private let context: AppRequestContext
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  init(_ request: Request, _ context: AppRequestContext) {
    self.request = (request.method.rawValue, RequestLog.path(of: request, context))
    self.context = context
  }

  deinit { write() }

  func answered(_ status: HTTPResponse.Status) {
    state.withLock { $0.status = status }
  }

  func sent(_ bytes: Int) {
    state.withLock { $0.bytes += bytes }
  }

  func write(bytes: Int) {
    sent(bytes)
    write()
  }

  func write() {
    let (state, isFirst) = state.withLock { state in
      defer { state.isWritten = true }
      return (state, !state.isWritten)
    }
    guard isFirst, context.logger.logLevel <= .info else { return }
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    let milliseconds = Double(seconds) * 1_000 + (Double(attoseconds) / 1e13).rounded() / 100
    var metadata: Logger.Metadata = [
      "method": "\(request.method)", "path": "\(request.path)",
      "route": "\(RouteTemplate.text(context.endpointPath))",
      "status": .stringConvertible(state.status.code),
      "duration_ms": .stringConvertible(milliseconds), "bytes": .stringConvertible(state.bytes),
      "address": "\(context.clientAddress)",
    ]
    if let person = context.person.value {
      metadata["user"] = "\(person.userID)"
      switch person.credential {
      case .session: metadata["credential"] = "session"
      case .token: metadata["credential"] = "token"
      case .anonymous, .link, .commandLine, .system: break
      }
    }
    for name in ["project", "application"] {
      if let value = context.parameters.get(name) { metadata[name] = "\(value.prefix(63))" }
    }
    context.logger.info("request", metadata: metadata)
  }
}
