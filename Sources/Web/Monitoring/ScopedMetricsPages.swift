import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// Prometheus' HTTP API as one person may see it, for Grafana's data source:
/// GET alone, since a POST is a form here. Its answers and refusals are in
/// Prometheus' own form, which Grafana shows.
struct ScopedMetricsPages: Sendable {
  let metrics: ScopedMetrics

  // A valid field name (RFC 9110 §5.1), so the initializer can't fail.
  private static let user = HTTPField.Name("X-Grafana-User") ?? .from

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("prometheus/api/v1/query") { try await ask(.query, $0, $1) }
    pages.get("prometheus/api/v1/query_range") { try await ask(.queryRange, $0, $1) }
    pages.get("prometheus/api/v1/series") { try await ask(.series, $0, $1) }
    pages.get("prometheus/api/v1/labels") { try await ask(.labels, $0, $1) }
    pages.get("prometheus/api/v1/label/:label/values") { request, context in
      try await ask(.labelValues(try context.parameter("label")), request, context)
    }
    pages.get("prometheus/api/v1/metadata") { try await ask(.metadata, $0, $1) }
    pages.get("prometheus/api/v1/status/buildinfo") { try await ask(.buildInformation, $0, $1) }
  }

  private func ask(
    _ question: MetricsQuestion, _ request: Request, _ context: SignedInContext
  ) async throws -> Response {
    guard let form = try? FormBody(parsing: (request.uri.query ?? "").utf8) else {
      return Self.refused(.badRequest, "bad_data", "The address can't be read.")
    }
    do throws(DomainError) {
      let answer = try await metrics.ask(
        question, form.fields.map { ($0.name, $0.value) }, for: request.headers[Self.user],
        as: context.principal)
      return Self.json(answer.body, HTTPResponse.Status(code: answer.status))
    } catch {
      let (status, type) = Self.refusal(error.reason)
      let text = error.advice.isEmpty ? error.message : "\(error.message) \(error.advice)"
      var response = Self.refused(status, type, text)
      if status == .serviceUnavailable {
        let seconds = error.retryAfter.map { max(1, $0.components.seconds) } ?? 5
        response.headers[.retryAfter] = "\(seconds)"
      }
      return response
    }
  }

  private static func refused(
    _ status: HTTPResponse.Status, _ type: String, _ text: String
  ) -> Response {
    let error = JSON.members([
      ("status", .string("error")), ("errorType", .string(type)), ("error", .string(text)),
    ])
    return json(error.bytes, status)
  }

  private static func refusal(_ reason: DomainError.Reason) -> (HTTPResponse.Status, String) {
    switch reason {
    case .invalid: (.badRequest, "bad_data")
    case .forbidden, .unauthenticated: (.forbidden, "forbidden")
    case .notFound: (.notFound, "not_found")
    case .unavailable, .tooManyRequests: (.serviceUnavailable, "unavailable")
    default: (.internalServerError, "internal")
    }
  }

  private static func json(_ bytes: [UInt8], _ status: HTTPResponse.Status) -> Response {
    Response(
      status: status,
      headers: [.contentType: "application/json", .contentLength: "\(bytes.count)"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
