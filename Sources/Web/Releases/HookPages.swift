import CoreMetrics
import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// Where registries and CI post that there is a new image. The secret admits,
/// nothing else: no session, no cookie, no API token.
struct HookPages: Sendable {
  let hooks: DeployHooks
  let metrics: any MetricsFactory

  /// The largest message that is read, in bytes.
  static let maximumBytes = FormBody.maximumBytes

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.post("hooks/deploy/:hook", use: call)
    router.post("hooks/deploy/:hook/:secret", use: call)
  }

  @Sendable func call(request: Request, context: AppRequestContext) async throws -> Response {
    let id = DeployHook.ID(rawValue: try context.parameter("hook"))
    do {
      let answer = try await hooks.call(id, try await delivery(request, context))
      count(answer.outcome.rawValue)
      return Self.response(answer)
    } catch let error as DomainError {
      count(error.reason == .notFound ? "unknown" : "refused")
      throw error
    }
  }

  private func count(_ outcome: String) {
    Counter(
      label: "babyhelm_hook_calls_total", dimensions: [("outcome", outcome)], factory: metrics
    ).increment()
  }

  // MARK: Reading

  private func delivery(
    _ request: Request, _ context: AppRequestContext
  ) async throws -> HookDelivery {
    let body = Array(
      try await FormReading.collect(request, upTo: Self.maximumBytes).readableBytesView)
    let query: [String: String]
    let fields: [String: String]
    do throws(FormBody.ParseError) {
      query = Self.first(of: try FormBody(parsing: (request.uri.query ?? "").utf8))
      fields = isForm(request) ? Self.first(of: try FormBody(parsing: body)) : [:]
    } catch .tooManyFields {
      throw HTTPError(.contentTooLarge)
    } catch {
      throw HTTPError(.badRequest)
    }
    let headers = request.headers
    let names = [
      APIServing.idempotencyKey, Self.gitHubDelivery, Self.gitLabEvent, Self.harborEvent,
    ]
    return HookDelivery(
      body: isForm(request) ? Array((fields["payload"] ?? "").utf8) : body,
      signed: body, fields: fields, query: query,
      id: names.lazy.compactMap { headers[$0] }.first { !$0.isEmpty },
      secret: try secret(request, context), signature: headers[Self.gitHubSignature],
      address: context.clientAddress, requestID: context.requestID)
  }

  /// The fields by name; of several of one name the first.
  private static func first(of form: FormBody) -> [String: String] {
    Dictionary(form.fields.map { ($0.name, $0.value) }) { first, _ in first }
  }

  private func secret(_ request: Request, _ context: AppRequestContext) throws -> String? {
    if context.parameters.get("secret") != nil { return try context.parameter("secret") }
    return request.bearerToken ?? request.headers[Self.gitLabToken]
  }

  private func isForm(_ request: Request) -> Bool {
    request.headers[.contentType]?.lowercased()
      .hasPrefix("application/x-www-form-urlencoded") ?? false
  }

  // Valid names, so the initializers can't fail.
  private static let gitHubDelivery = HTTPField.Name("X-GitHub-Delivery") ?? .from
  private static let gitHubSignature = HTTPField.Name("X-Hub-Signature-256") ?? .from
  private static let gitLabEvent = HTTPField.Name("X-Gitlab-Event-UUID") ?? .from
  private static let gitLabToken = HTTPField.Name("X-Gitlab-Token") ?? .from
  private static let harborEvent = HTTPField.Name("X-Harbor-Event-Id") ?? .from

  // MARK: Answering

  /// 202 with where to follow for a new release, else 200.
  private static func response(_ answer: DeployHooks.Answer) -> Response {
    let json: JSON = [
      "outcome": .string(answer.outcome.rawValue), "message": .string(answer.sentence),
      "project": .string(answer.project), "application": .string(answer.application),
      "release": answer.release.map(JSON.int) ?? .null,
      "page": .string(Paths.application(answer.application, in: answer.project).text),
    ]
    guard let number = answer.release else { return APIAnswer.ok(json).response() }
    let path = APICall.path(
      "projects", answer.project, "applications", answer.application, "releases", "\(number)")
    return APIAnswer.accepted(json, at: path).response()
  }
}

extension Request {
  /// Whether a program asks that has no page to be shown: the API's callers, and
  /// hooks'.
  var isForPrograms: Bool { isAPI || uri.path.hasPrefix("/hooks/") }
}
