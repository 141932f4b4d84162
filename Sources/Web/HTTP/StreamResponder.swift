import Domain
import HTTPTypes
import Hummingbird

/// Finds the answer to who asks for a stream in a task of its own: on the way
/// through middleware, session and page its stack grows deep, and the
/// connection's task would keep that as long as the stream is open.
struct StreamResponder<Inner: HTTPResponder>: HTTPResponder
where Inner.Context == AppRequestContext {
  let inner: Inner

  func respond(to request: Request, context: AppRequestContext) async throws -> Response {
    guard request.asksForStream else {
      return try await inner.respond(to: request, context: context)
    }
    return try await inOwnTask { [inner] in
      try await inner.respond(to: request, context: context)
    }
  }
}

extension Request {
  /// As browsers do for an event source, and programs that want one.
  fileprivate var asksForStream: Bool {
    guard let accepted = headers[.accept] else { return false }
    return [EventStream.Format.events, .jsonLines].contains { accepted.contains($0.rawValue) }
  }
}
