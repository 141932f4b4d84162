import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// What somebody sent to a server of a test.
public struct SentRequest: Sendable {
  public let path: String
  public let authorization: String?
  /// The fields of its form.
  public let form: [String: String]
}

/// What a server of a test answers.
public struct TestAnswer: Sendable {
  public enum Body: Sendable {
    case text(String)
    /// The same bytes again and again, as often as it is told.
    case repeated(String, times: Int)
    /// One byte and then nothing for an hour.
    case silence
  }

  public var status: Int
  public var headers: [String: String]
  public var body: Body

  public init(
    _ status: Int = 200, _ body: Body, type: String = "application/json",
    headers: [String: String] = [:]
  ) {
    self.status = status
    self.body = body
    self.headers = headers
    self.headers["Content-Type"] = type
  }
}

/// Runs a test with an HTTP server of its own on loopback.
///
/// - Parameter respond: answers each request, perhaps several at once.
public func withAnsweringServer<Result: Sendable>(
  _ respond: @escaping @Sendable (SentRequest) async throws -> TestAnswer,
  _ body: (_ url: String) async throws -> Result
) async throws -> Result {
  let (ports, announcement) = AsyncStream<Int>.makeStream()
  let responder = CallbackResponder<BasicRequestContext> { request, _ in
    let bytes = try await request.body.collect(upTo: 1 << 20)
    let call = SentRequest(
      path: request.uri.path, authorization: request.headers[.authorization],
      form: form(String(buffer: bytes)))
    return response(try await respond(call))
  }
  let application = Application(
    responder: responder,
    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { announcement.yield($0.localAddress?.port ?? 0) }, logger: quietLogger)
  var parts = ServiceGroupConfiguration(services: [application], logger: quietLogger)
  parts.maximumGracefulShutdownDuration = .milliseconds(200)
  let group = ServiceGroup(configuration: parts)
  let serving = Task { try await group.run() }
  var port = 0
  for await found in ports {
    port = found
    break
  }
  do {
    let result = try await body("http://127.0.0.1:\(port)")
    await group.triggerGracefulShutdown()
    _ = await serving.result
    return result
  } catch {
    await group.triggerGracefulShutdown()
    _ = await serving.result
    throw error
  }
}

private func response(_ answer: TestAnswer) -> Response {
  var headers = HTTPFields()
  for (name, value) in answer.headers {
    if let name = HTTPField.Name(name) { headers[name] = value }
  }
  let body: ResponseBody
  switch answer.body {
  case .text(let text): body = ResponseBody(byteBuffer: ByteBuffer(string: text))
  case .repeated(let text, let times):
    let part = ByteBuffer(string: text)
    body = ResponseBody { writer in
      for _ in 0..<times { try await writer.write(part) }
      try await writer.finish(nil)
    }
  case .silence:
    body = ResponseBody { writer in
      try await writer.write(ByteBuffer(string: "{"))
      try await Task.sleep(for: .seconds(3600))
      try await writer.finish(nil)
    }
  }
  return Response(status: HTTPResponse.Status(code: answer.status), headers: headers, body: body)
}

private func form(_ text: String) -> [String: String] {
  var fields: [String: String] = [:]
  for pair in text.split(separator: "&") {
    let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = sides.count > 1 ? String(sides[1]).replacing("+", with: " ") : ""
    fields[String(sides[0])] = value.removingPercentEncoding ?? value
  }
  return fields
}
