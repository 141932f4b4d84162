import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Who may read `/metrics` on a listener.
enum MetricsAccess: Sendable, Equatable {
  /// Whoever reaches the listener.
  case everybody
  /// Who sends the first line of this file as a bearer token.
  case token(file: String)
}

/// BabyHelm's own metrics, for the operator's Prometheus (docs/metrics.md).
struct MetricsPages: Sendable {
  let metrics: ServerMetrics
  let access: MetricsAccess

  /// The least that a token has, in bytes.
  static let leastToken = 16

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.get("metrics", use: scrape)
  }

  @Sendable func scrape(request: Request, context: AppRequestContext) async -> Response {
    if case .token(let file) = access {
      guard let token = Self.token(in: file), Self.isSame(request.bearerToken, token) else {
        return Self.refusal
      }
    }
    let format = Self.format(for: request)
    let text = await metrics.text(as: format)
    return Response(
      status: .ok,
      headers: [
        .contentType: format.contentType, .cacheControl: "no-store",
        .contentLength: "\(text.utf8.count)",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// OpenMetrics for who likes it at least as much as anything else.
  private static func format(for request: Request) -> MetricsText.Format {
    let types = ["text/plain", "application/openmetrics-text"]
    let best = try? APINegotiation.choose(types, for: request)
    return best == "application/openmetrics-text" ? .openMetrics : .plain
  }

  /// The first line of a file; nil when it can't be read or is too short to be
  /// a secret.
  static func token(in file: String) -> String? {
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first ?? ""
    let token = FormBody.trimmed(String(line))
    return token.utf8.count >= leastToken ? token : nil
  }

  /// Compares hashes, so that the time says nothing about how much was right.
  private static func isSame(_ sent: String?, _ token: String) -> Bool {
    guard let sent else { return false }
    return SHA256.hash(data: Array(sent.utf8)) == SHA256.hash(data: Array(token.utf8))
  }

  private static var refusal: Response {
    let text = "This needs the token of --metrics-token-file: Authorization: Bearer TOKEN.\n"
    return Response(
      status: .unauthorized,
      headers: [
        .contentType: "text/plain; charset=utf-8", .wwwAuthenticate: "Bearer realm=\"metrics\"",
        .cacheControl: "no-store",
      ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
