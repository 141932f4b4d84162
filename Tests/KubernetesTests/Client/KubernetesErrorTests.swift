import Foundation
import Kubernetes
import Testing

struct KubernetesErrorTests {
  private func error(
    reason: String = "", code: Int, message: String = "", causes: [Status.Cause] = []
  ) -> KubernetesError {
    .status(
      Status(reason: reason, code: code, message: message, details: .init(causes: causes)))
  }

  /// The names of the questions that are answered with yes.
  private func answers(_ error: KubernetesError) -> Set<String> {
    let questions: [(String, Bool)] = [
      ("notFound", error.isNotFound), ("conflict", error.isConflict),
      ("alreadyExists", error.isAlreadyExists), ("forbidden", error.isForbidden),
      ("quota", error.isQuotaExceeded), ("terminating", error.isNamespaceTerminating),
      ("invalid", error.isInvalid), ("unauthorized", error.isUnauthorized),
      ("busy", error.isTooManyRequests), ("expired", error.isExpired),
      ("unavailable", error.isUnavailable),
    ]
    return Set(questions.filter(\.1).map(\.0))
  }

  @Test func `the reason counts before the code`() {
    #expect(answers(error(reason: "AlreadyExists", code: 409)) == ["alreadyExists"])
    #expect(answers(error(reason: "Conflict", code: 409)) == ["conflict"])
    #expect(answers(error(code: 409)) == ["conflict"])
    #expect(answers(error(reason: "NotFound", code: 500)) == ["notFound", "unavailable"])
    #expect(answers(error(code: 404)) == ["notFound"])
    #expect(answers(error(reason: "Expired", code: 410)) == ["expired"])
    #expect(answers(error(reason: "Gone", code: 410)) == ["expired"])
    #expect(answers(error(code: 410)) == ["expired"])
    #expect(answers(error(reason: "TooManyRequests", code: 429)) == ["busy"])
    #expect(answers(error(code: 503)) == ["unavailable"])
    #expect(answers(error(code: 500)) == ["unavailable"])
    #expect(answers(error(code: 418)) == [])
  }

  @Test func `errors without a status answer no question about it`() {
    #expect(answers(.unreachable(address: "x", .refused)) == ["unavailable"])
    #expect(answers(.timedOut(address: "x", after: .seconds(1))) == ["unavailable"])
    #expect(answers(.cancelled) == [])
    #expect(answers(.tooLarge(limitBytes: 1)) == [])
    #expect(answers(.undecodable(what: "x", why: "y")) == [])
  }

  @Test func `an owner's name may hold quotes`() {
    let cause = Status.Cause(
      reason: "FieldManagerConflict", field: ".spec.replicas",
      message: #"conflict with "the \"other\" one" using apps/v1"#)

    let owners = error(reason: "Conflict", code: 409, causes: [cause]).conflictOwners

    #expect(owners.map(\.manager) == [#"the "other" one"#])
    #expect(owners.map(\.field) == [".spec.replicas"])
  }

  private static let sentences: [(KubernetesError, String)] = [
    (
      KubernetesError.unreachable(address: "https://10.0.0.1:6443", .refused),
      "Can't reach the API server at https://10.0.0.1:6443: the connection was refused, nothing listens there."
    ),
    (
      .unreachable(address: "https://a:1", .expiredCertificate("2026-01-01T00:00:00Z")),
      "Can't reach the API server at https://a:1: its certificate expired at 2026-01-01T00:00:00Z."
    ),
    (
      .timedOut(address: "https://a:1", after: .seconds(10)),
      "The API server at https://a:1 didn't answer within 10 s."
    ),
    (
      .timedOut(address: "https://a:1", after: .milliseconds(1500)),
      "The API server at https://a:1 didn't answer within 1.5 s."
    ),
    (.tooLarge(limitBytes: 5), "The API server's answer is longer than 5 bytes."),
    (
      .undecodable(what: "Pod a/b", why: "The field spec isn't an object."),
      "Can't read Pod a/b: The field spec isn't an object."
    ),
    (
      .status(Status(reason: "NotFound", code: 404, message: #"pods "x" not found"#)),
      #"The API server answered 404 NotFound: pods "x" not found"#
    ),
    (
      .status(Status(reason: "", code: 502, message: "")),
      "The API server answered status 502."
    ),
    (.cancelled, "The call was cancelled."),
  ]

  @Test(arguments: sentences)
  func `every error is one sentence for a log`(error: KubernetesError, text: String) {
    #expect(error.description == text)
  }

  // MARK: - Recorded

  /// What a recorded refusal must be classified as.
  private func expected(_ exchange: RecordedExchange) -> Set<String> {
    let message = exchange.body["message"]?.string ?? ""
    switch (exchange.body["reason"]?.string ?? "", exchange.status) {
    case ("NotFound", 404): return ["notFound"]
    case ("Conflict", 409): return ["conflict"]
    case ("AlreadyExists", 409): return ["alreadyExists"]
    case ("Unauthorized", 401): return ["unauthorized"]
    case ("Invalid", 422), ("BadRequest", 400): return ["invalid"]
    case ("", 500): return ["invalid"]
    case ("Timeout", 504): return ["unavailable"]
    case ("Forbidden", 403):
      if message.contains("exceeded quota") { return ["forbidden", "quota"] }
      if message.contains("being terminated") { return ["forbidden", "terminating"] }
      return ["forbidden"]
    default: return ["?"]
    }
  }

  @Test(.enabled(if: Recorded.folder != nil, Comment(rawValue: Recorded.absence)))
  func `every recorded refusal is what it is`() throws {
    var seen: Set<Set<String>> = []
    for exchange in Recorded.all where exchange.status >= 400 && exchange.body.object != nil {
      let error = KubernetesError.status(try Status(json: exchange.body, code: exchange.status))

      #expect(answers(error) == expected(exchange), "\(exchange.title): \(error)")
      seen.insert(answers(error))
      if error.isInvalid, exchange.status == 422 {
        #expect(!error.fieldProblems.isEmpty, "\(exchange.title)")
      }
    }
    #expect(seen.count == 9)
  }

  @Test(.enabled(if: Recorded.folder != nil, Comment(rawValue: Recorded.absence)))
  func `a recorded conflict names owner and field`() throws {
    let exchange = try #require(
      Recorded.all.first { $0.file == "apply-conflict.json" && $0.status == 409 })
    let error = KubernetesError.status(try Status(json: exchange.body))

    #expect(error.conflictOwners.map(\.manager) == ["kubectl-edit"])
    #expect(
      error.conflictOwners.map(\.field) == [#".spec.template.spec.containers[name="app"].image"#])
  }

  @Test(.enabled(if: Recorded.folder != nil, Comment(rawValue: Recorded.absence)))
  func `a recorded unknown field is named`() throws {
    let exchange = try #require(
      Recorded.all.first { $0.file == "deploy.json" && $0.status == 500 })
    let error = KubernetesError.status(try Status(json: exchange.body))

    #expect(error.isInvalid)
    #expect(error.fieldProblems.map(\.field) == ["spec.replcas"])
  }
}
