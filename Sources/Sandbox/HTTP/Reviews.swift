import Foundation
import Hummingbird
import Kubernetes

/// Kinds that are asked, not stored: who may do what, and tokens.
enum Reviews {
  private static let rulesReview = ResourceType(
    group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectRulesReview",
    plural: "selfsubjectrulesreviews", isNamespaced: false)
  private static let subjectReview = ResourceType(
    group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview",
    plural: "selfsubjectreviews", isNamespaced: false)

  static let types: [ResourceType] = [.selfSubjectAccessReview, rulesReview, subjectReview]

  static func isReview(_ type: ResourceType) -> Bool { types.contains(type) }

  static func kind(group: String, version: String, plural: String) -> ServedKind? {
    types.first { $0.group == group && $0.version == version && $0.plural == plural }
      .map { ServedKind(type: $0, singular: $0.kind.lowercased(), subresources: []) }
  }

  static func entries(group: String) -> [JSONValue] {
    types.filter { $0.group == group }.map {
      [
        "name": .string($0.plural), "singularName": .string($0.kind.lowercased()),
        "namespaced": false, "kind": .string($0.kind), "verbs": ["create"],
      ]
    }
  }

  static func answer(_ call: APICall) async throws -> Response {
    let type = call.target.kind.type
    guard call.request.method == .post else { throw APIError.methodNotAllowed(type) }
    let input = try call.request.decode(call.body)
    var answer: JSONValue = [
      "kind": .string(type.kind), "apiVersion": .string(type.apiVersion),
      "metadata": ["managedFields": owners(of: input, call, type.apiVersion)],
    ]
    switch type {
    case .selfSubjectAccessReview:
      let spec = input["spec"] ?? [:]
      answer["spec"] = spec
      answer["status"] = ["allowed": .bool(try await isAllowed(call, spec))]
    case rulesReview: answer = try await rules(call, input, answer)
    default:
      answer["status"] = [
        "userInfo": ["username": .string(user(call)), "groups": groups(call)]
      ]
    }
    return .json(answer, .created)
  }

  /// A token for a service account, with which one acts as that account until
  /// the token expires or the account is gone.
  static func token(_ call: APICall) async throws -> Response {
    let type = ResourceType.serviceAccount
    guard call.request.method == .post else { throw APIError.methodNotAllowed(type) }
    let account = try await call.cluster.get(type, call.target.key)
    let input = try call.request.decode(call.body)
    let seconds = input.at("spec", "expirationSeconds")?.int ?? 3600
    try checkExpiration(seconds)
    let expiry = Date().addingTimeInterval(Double(seconds))
    let token = SandboxServer.randomToken()
    await call.cluster.noteToken(token, of: account, until: expiry)
    var metadata: JSONValue = ["creationTimestamp": .string(Timestamp.text(Date()))]
    for key in ["name", "namespace", "uid"] { metadata[key] = account["metadata"]?[key] }
    metadata["managedFields"] = owners(
      of: input, call, "authentication.k8s.io/v1", subresource: "token")
    let audiences: JSONValue = ["https://kubernetes.default.svc.cluster.local"]
    return .json(
      [
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": metadata,
        "spec": [
          "audiences": input.at("spec", "audiences") ?? audiences,
          "expirationSeconds": .integer(Int64(seconds)), "boundObjectRef": nil,
        ],
        "status": [
          "token": .string(token),
          "expirationTimestamp": .string(Timestamp.text(expiry)),
        ],
      ], .created)
  }

  /// The bounds of `ValidateTokenRequest`.
  private static func checkExpiration(_ seconds: Int) throws(APIError) {
    let mistake: String
    if seconds < 600 {
      mistake = "may not specify a duration less than 10 minutes"
    } else if seconds > 1 << 32 {
      mistake = "may not specify a duration larger than 2^32 seconds"
    } else {
      return
    }
    let type = ResourceType(
      group: "authentication.k8s.io", version: "v1", kind: "TokenRequest",
      plural: "tokenrequests")
    throw APIError.invalid(
      type, "",
      [.invalid("spec.expirationSeconds", .integer(Int64(seconds)), mistake)])
  }

  /// The field owners that the server notes even on what it doesn't store.
  private static func owners(
    of input: JSONValue, _ call: APICall, _ apiVersion: String, subresource: String? = nil
  ) -> JSONValue {
    let comparison = FieldComparison(from: ["metadata": [:], "spec": [:]], to: input, type: .any)
    var owners = ManagedFields(of: [:])
    let manager = FieldManager(
      name: call.request.writeOptions.manager, isApply: false, apiVersion: apiVersion,
      subresource: subresource)
    owners.update(
      by: manager, comparison: comparison.withoutSystemFields(statusWrite: false),
      at: Timestamp.text(Date()))
    return owners.json ?? []
  }

  private static func user(_ call: APICall) -> String {
    AccessCheck.user(call.request)?.name ?? "sandbox"
  }

  private static func groups(_ call: APICall) -> JSONValue {
    guard let account = call.request.account else { return ["system:masters"] }
    return .array(account.groups.map(JSONValue.string))
  }

  /// Everything is allowed, except to who is impersonated without a binding, or
  /// limited by a role without a rule.
  private static func isAllowed(_ call: APICall, _ spec: JSONValue) async throws -> Bool {
    guard let user = AccessCheck.user(call.request),
      let attributes = spec["resourceAttributes"]
    else { return true }
    func text(_ key: String) -> String? {
      attributes[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
    let resource = text("resource") ?? ""
    return await call.cluster.isAllowed(
      user, verb: text("verb") ?? "", group: text("group") ?? "",
      resource: text("subresource").map { "\(resource)/\($0)" } ?? resource,
      name: text("name"), namespace: text("namespace"))
  }

  private static func rules(
    _ call: APICall, _ input: JSONValue, _ answer: JSONValue
  ) async throws -> JSONValue {
    var answer = answer
    answer["metadata"] = [:]
    answer["spec"] = [:]
    var rules: [JSONValue] = [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]]
    if let user = AccessCheck.user(call.request) {
      rules = await call.cluster.rules(
        for: user, namespace: input.at("spec", "namespace")?.string)
    }
    let discovery: JSONValue = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/version"]
    answer["status"] = [
      "resourceRules": .array(rules),
      "nonResourceRules": [["verbs": ["get"], "nonResourceURLs": discovery]],
      "incomplete": false,
    ]
    return answer
  }
}
