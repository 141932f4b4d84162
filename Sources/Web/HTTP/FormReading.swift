import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the form of every POST before the page sees it, within bounds of size
/// and time, and refuses bodies that are no form.
struct FormReading: RouterMiddleware {
  /// How long a browser may take to send a form.
  var patience: Duration = .seconds(30)

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    guard request.method == .post else { return try await next(request, context) }
    var context = context
    context.form = try await read(request)
    return try await next(request, context)
  }

  private func read(_ request: Request) async throws -> FormBody {
    let buffer = try await Self.collect(request, upTo: FormBody.maximumBytes, within: patience)
    if buffer.readableBytes == 0 { return FormBody() }
    guard isForm(request.headers[.contentType]) else { throw HTTPError(.unsupportedMediaType) }
    do {
      return try FormBody(parsing: buffer.readableBytesView)
    } catch .tooManyFields {
      throw HTTPError(.contentTooLarge)
    } catch {
      throw HTTPError(.badRequest)
    }
  }

  /// The whole body, or 413 beyond the bound, 408 when it takes too long, or 400
  /// when it breaks off or its chunks are none.
  static func collect(
    _ request: Request, upTo bytes: Int, within patience: Duration = .seconds(30)
  ) async throws -> ByteBuffer {
    // Said before a byte of it is read.
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bytes {
      throw HTTPError(.contentTooLarge)
    }
    let body = request.body
    return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
      group.addTask {
        do {
          return try await body.collect(upTo: bytes)
        } catch let error as NIOTooManyBytesError {
          throw error
        } catch {
          throw HTTPError(.badRequest)
        }
      }
      group.addTask {
        try await Task.sleep(for: patience)
        throw HTTPError(.requestTimeout)
      }
      defer { group.cancelAll() }
      return try await group.next() ?? ByteBuffer()
    }
  }

  private func isForm(_ contentType: String?) -> Bool {
    let type = contentType?.split(separator: ";").first.map { FormBody.trimmed(String($0)) } ?? ""
    return type.lowercased() == "application/x-www-form-urlencoded"
  }
}
