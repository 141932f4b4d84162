import Kubernetes
import Testing

@testable import Domain

struct ClusterFailureTests {
  private static func status(
    _ reason: String, _ code: Int, _ message: String = "no", causes: [Status.Cause] = [],
    retry: Int? = nil
  ) -> KubernetesError {
    .status(
      Status(
        reason: reason, code: code, message: message,
        details: .init(causes: causes, retryAfterSeconds: retry)))
  }

  static let failures: [(KubernetesError, DomainError.Reason)] = [
    (status("NotFound", 404), .notFound), (status("", 404), .notFound),
    (status("Conflict", 409), .conflict), (status("AlreadyExists", 409), .conflict),
    (
      status(
        "Forbidden", 403,
        #"pods is forbidden: User "babyhelm" cannot list resource "pods" in API group """#),
      .forbidden
    ),
    (status("Forbidden", 403, "only dynamically provisioned pvc can be resized"), .invalid),
    (status("Forbidden", 403, "exceeded quota: project"), .quotaExceeded),
    (
      status(
        "Forbidden", 403,
        "unable to create new content in namespace shop because it is being terminated"
      ), .conflict
    ),
    (status("Unauthorized", 401), .unavailable), (status("Invalid", 422), .invalid),
    (status("BadRequest", 400), .invalid),
    (status("", 500, "failed to create typed patch object: x"), .invalid),
    (status("TooManyRequests", 429), .unavailable), (status("InternalError", 500), .unavailable),
    (status("ServiceUnavailable", 503), .unavailable), (status("Timeout", 504), .unavailable),
    (.unreachable(address: "https://10.0.0.1", .refused), .unavailable),
    (.timedOut(address: "https://10.0.0.1", after: .seconds(5)), .unavailable),
    (.cancelled, .unavailable),
    (.undecodable(what: "a pod", why: "no"), .unavailable),
    (.tooLarge(limitBytes: 1), .unavailable),
  ]

  @Test(arguments: failures)
  func `each failure has its reason, a sentence and advice`(
    failure: KubernetesError, reason: DomainError.Reason
  ) {
    let error = ClusterFailure.domainError(failure, doing: "reading the namespace “shop”")

    #expect(error.reason == reason)
    #expect(error.message.hasSuffix("."))
    #expect(!error.advice.isEmpty)
    // For the log: what the cluster said, word for word.
    #expect(error.underlying == String(describing: failure))
    #expect(reason != .unavailable || error.retryAfter != nil)
  }

  @Test(arguments: failures)
  func `a person isn't shown addresses`(failure: KubernetesError, reason: DomainError.Reason) {
    let error = ClusterFailure.domainError(failure, doing: "reading")

    #expect(!error.message.contains("10.0.0.1"))
    #expect(!error.advice.contains("10.0.0.1"))
  }

  @Test func `a refused value names its fields`() {
    let failure = Self.status(
      "Invalid", 422, "no",
      causes: [
        .init(reason: "FieldValueInvalid", field: "spec.replicas", message: "must be positive"),
        .init(reason: "FieldValueRequired", field: "spec.selector", message: "is required"),
      ])

    let error = ClusterFailure.domainError(failure, doing: "applying")

    #expect(error.message.contains("spec.replicas: must be positive; spec.selector: is required"))
  }

  @Test func `a busy cluster says when to come back`() {
    let told = ClusterFailure.domainError(
      Self.status("TooManyRequests", 429, retry: 17), doing: "reading")
    let untold = ClusterFailure.domainError(Self.status("TooManyRequests", 429), doing: "reading")

    #expect(told.retryAfter == .seconds(17))
    #expect(untold.retryAfter == .seconds(5))
  }

  @Test func `our own error passes unchanged, and another one is ours to mend`() {
    struct Surprise: Error {}
    let own = DomainError(.conflict, "It is taken.")

    #expect(ClusterFailure.domainError(own, doing: "reading") == own)
    let surprise = ClusterFailure.domainError(Surprise(), doing: "reading")
    #expect(surprise.reason == .internalError)
    #expect(!surprise.message.contains("Surprise"))
    #expect(surprise.underlying?.contains("Surprise") == true)
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)),
    arguments: [
      ("quota-and-limits", "POST", "/api/v1/namespaces/tiny/pods", 403, .quotaExceeded),
      ("access", "GET", "/api/v1/namespaces/shop/pods", 403, .forbidden),
      ("access", "GET", "/api/v1/namespaces", 401, .unavailable),
      ("namespace-lifecycle", "POST", "/api/v1/namespaces/scratch/configmaps", 403, .conflict),
      ("namespace-lifecycle", "POST", "/api/v1/namespaces", 409, .conflict),
      ("namespace-lifecycle", "POST", "/api/v1/namespaces", 422, .invalid),
      ("namespace-lifecycle", "GET", "/api/v1/namespaces/absent", 404, .notFound),
      (
        "apply-conflict", "PATCH", "/apis/apps/v1/namespaces/shop/deployments/drift", 409, .conflict
      ),
      ("deploy", "PATCH", "/apis/apps/v1/namespaces/shop/deployments/typo", 500, .invalid),
      ("deploy", "PATCH", "/apis/apps/v1/namespaces/shop/deployments/bad", 422, .invalid),
    ] as [(String, String, String, Int, DomainError.Reason)])
  func `a real refusal has its reason`(
    file: String, method: String, path: String, code: Int, reason: DomainError.Reason
  ) throws {
    let body = try SharedMaterial.answer(in: file, method, path, status: code)

    let error = ClusterFailure.domainError(
      KubernetesError.status(try Status(json: body, code: code)), doing: "asking")

    #expect(error.reason == reason)
  }
}
