import Kubernetes

/// A refusal, as the API server words it in a `Status` object.
struct APIError: Error, Sendable {
  var code: Int
  var reason: String?
  var message: String
  var details: JSONValue?
  var retryAfter: Int?

  /// The `Status` object.
  var status: JSONValue {
    var json: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
      "message": .string(message), "code": .integer(Int64(code)),
    ]
    json["reason"] = reason.map(JSONValue.string)
    json["details"] = details
    return json
  }
}

/// One thing wrong with an object (`metav1.StatusCause`).
struct Cause: Sendable {
  var reason: String
  var field: String
  var message: String

  static func invalid(_ field: String, _ value: JSONValue, _ text: String) -> Cause {
    Cause(reason: "FieldValueInvalid", field: field, message: "Invalid value: \(value): \(text)")
  }

  static func required(_ field: String, _ text: String = "") -> Cause {
    let message = text.isEmpty ? "Required value" : "Required value: \(text)"
    return Cause(reason: "FieldValueRequired", field: field, message: message)
  }

  static func forbidden(_ field: String, _ text: String) -> Cause {
    Cause(reason: "FieldValueForbidden", field: field, message: "Forbidden: \(text)")
  }

  static func duplicate(_ field: String, _ value: JSONValue) -> Cause {
    Cause(reason: "FieldValueDuplicate", field: field, message: "Duplicate value: \(value)")
  }

  static func unsupported(_ field: String, _ value: JSONValue, _ allowed: [String]) -> Cause {
    let list = allowed.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    return Cause(
      reason: "FieldValueNotSupported", field: field,
      message: "Unsupported value: \(value): supported values: \(list)")
  }

  static func tooLong(_ field: String, _ limit: Int) -> Cause {
    Cause(
      reason: "FieldValueTooLong", field: field,
      message: "Too long: may not be more than \(limit) bytes")
  }

  var json: JSONValue {
    ["reason": .string(reason), "message": .string(message), "field": .string(field)]
  }
}

extension APIError {
  private static func details(_ type: ResourceType, _ name: String) -> JSONValue {
    var details: JSONValue = ["kind": .string(type.plural)]
    if !name.isEmpty { details["name"] = .string(name) }
    if !type.group.isEmpty { details["group"] = .string(type.group) }
    return details
  }

  static func notFound(_ type: ResourceType, _ name: String) -> APIError {
    APIError(
      code: 404, reason: "NotFound", message: "\(type) \"\(name)\" not found",
      details: details(type, name))
  }

  static func alreadyExists(_ type: ResourceType, _ name: String) -> APIError {
    APIError(
      code: 409, reason: "AlreadyExists", message: "\(type) \"\(name)\" already exists",
      details: details(type, name))
  }

  static func modified(_ type: ResourceType, _ name: String) -> APIError {
    conflict(
      type, name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  static func conflict(_ type: ResourceType, _ name: String, _ text: String) -> APIError {
    APIError(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(type) \"\(name)\": \(text)",
      details: details(type, name))
  }

  static func forbidden(
    _ type: ResourceType, _ name: String, _ text: String, cause: Cause? = nil
  ) -> APIError {
    var info = details(type, name)
    if let cause { info["causes"] = [cause.json] }
    let subject = name.isEmpty ? "\(type)" : "\(type) \"\(name)\""
    return APIError(
      code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(text)", details: info)
  }

  static func invalid(_ type: ResourceType, _ name: String, _ causes: [Cause]) -> APIError {
    let kind = type.group.isEmpty ? type.kind : "\(type.kind).\(type.group)"
    var info: JSONValue = ["kind": .string(type.kind)]
    if !name.isEmpty { info["name"] = .string(name) }
    if !type.group.isEmpty { info["group"] = .string(type.group) }
    info["causes"] = .array(causes.map(\.json))
    let texts = causes.map { "\($0.field): \($0.message)" }
    let text = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    return APIError(
      code: 422, reason: "Invalid", message: "\(kind) \"\(name)\" is invalid: \(text)",
      details: info)
  }

  static func badRequest(_ message: String) -> APIError {
    APIError(code: 400, reason: "BadRequest", message: message)
  }

  /// An error without a reason, as apply answers to what it can't type.
  static func untyped(_ message: String) -> APIError { APIError(code: 500, message: message) }

  static let unauthorized = APIError(code: 401, reason: "Unauthorized", message: "Unauthorized")

  static func expired(_ message: String) -> APIError {
    APIError(code: 410, reason: "Expired", message: message)
  }

  static func methodNotAllowed(_ type: ResourceType) -> APIError {
    APIError(
      code: 405, reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource",
      details: details(type, ""))
  }

  static func unsupportedMediaType(_ type: String) -> APIError {
    APIError(
      code: 415, reason: "UnsupportedMediaType",
      message: "the body of the request was in an unknown format - accepted media types include: "
        + "application/json-patch+json, application/merge-patch+json, "
        + "application/apply-patch+yaml (got \"\(type)\")")
  }

  /// kubectl sends some kinds as protobuf when it creates them.
  static let unreadableProtobuf = APIError(
    code: 415, reason: "UnsupportedMediaType",
    message: "the sandbox reads JSON and YAML, not protobuf: write the object to a file and use "
      + "kubectl apply -f")

  static func tooLargeVersion(_ wanted: Int, current: Int) -> APIError {
    APIError(
      code: 504, reason: "Timeout",
      message: "Timeout: Too large resource version: \(wanted), current: \(current)",
      details: [
        "causes": [
          ["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]
        ],
        "retryAfterSeconds": 1,
      ],
      retryAfter: 1)
  }

  static func applyConflict(_ conflicts: [(FieldManager, FieldSet)]) -> APIError {
    var causes: [JSONValue] = []
    var texts: [String] = []
    for (manager, set) in conflicts {
      let operation = manager.subresource.map { " with subresource \"\($0)\"" } ?? ""
      let who = "conflict with \"\(manager.name)\"\(operation) using \(manager.apiVersion)"
      for path in set.paths {
        causes.append([
          "reason": "FieldManagerConflict", "message": .string(who), "field": .string(path),
        ])
        texts.append(path)
      }
    }
    return APIError(
      code: 409, reason: "Conflict", message: applyConflictText(conflicts, count: causes.count),
      details: ["causes": .array(causes)])
  }

  private static func applyConflictText(
    _ conflicts: [(FieldManager, FieldSet)], count: Int
  ) -> String {
    let groups = conflicts.map { manager, set in
      let operation = manager.subresource.map { " with subresource \"\($0)\"" } ?? ""
      let who = "\"\(manager.name)\"\(operation) using \(manager.apiVersion)"
      let paths = set.paths
      return paths.count == 1 && conflicts.count == 1
        ? "conflict with \(who): \(paths[0])"
        : "conflicts with \(who):\n" + paths.map { "- \($0)" }.joined(separator: "\n")
    }
    let noun = count == 1 ? "conflict" : "conflicts"
    return "Apply failed with \(count) \(noun): \(groups.joined(separator: "\n"))"
  }
}
