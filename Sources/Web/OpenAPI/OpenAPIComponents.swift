import HTTPTypes

/// The parts of the document that all calls share.
extension OpenAPIDocument {
  static let securitySchemes: JSON = [
    "token": [
      "type": "http", "scheme": "bearer",
      "description": "An API token, from your account's page.",
    ],
    "session": [
      "type": "apiKey", "in": "cookie", "name": "babyhelm",
      "description":
        "A browser's session (`__Host-babyhelm` over HTTPS). What changes something also takes `X-Form-Token`.",
    ],
  ]

  static let parameters: JSON = [
    "IdempotencyKey": [
      "name": "Idempotency-Key", "in": "header", "required": false,
      "description":
        "Chosen by you, one for each wish: the same call with the same key gets the same answer, for a day.",
      "schema": ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"],
      "example": "6fa459ea-ee8a-4ca4-894e-db77e160355e",
    ],
    "IfMatch": [
      "name": "If-Match", "in": "header", "required": false,
      "description": "The `ETag` that you saw: when it moved, nothing is changed (412).",
      "schema": ["type": "string"], "example": "*",
    ],
    "IfNoneMatch": [
      "name": "If-None-Match", "in": "header", "required": false,
      "description": "The `ETag` of the answer that you have: while it is the same, 304.",
      "schema": ["type": "string"], "example": "\"2c26b46b68ffc68f\"",
    ],
  ]

  /// What a client has already.
  static let notModified: JSON = [
    "description": "It is as `If-None-Match` says.",
    "headers": ["ETag": ["$ref": "#/components/headers/ETag"]],
  ]

  static let headers: JSON = [
    "RateLimit-Limit": ["description": "Calls in a minute.", "schema": ["type": "integer"]],
    "RateLimit-Remaining": [
      "description": "Calls that are left in this minute.", "schema": ["type": "integer"],
    ],
    "RateLimit-Reset": [
      "description": "Seconds until there are more.", "schema": ["type": "integer"],
    ],
    "ETag": ["description": "For `If-None-Match`, and `If-Match`.", "schema": ["type": "string"]],
    "Location": ["description": "Where it is.", "schema": ["type": "string"]],
    "Retry-After": [
      "description": "Seconds until another try makes sense.", "schema": ["type": "integer"],
    ],
    "WWW-Authenticate": ["description": "What is asked for.", "schema": ["type": "string"]],
    "Allow": ["description": "The methods there are.", "schema": ["type": "string"]],
  ]

  /// The statuses that calls refuse with.
  static let problems: [HTTPResponse.Status] = [
    .badRequest, .unauthorized, .forbidden, .notFound, .notAcceptable, .requestTimeout, .conflict,
    .preconditionFailed, .contentTooLarge, .unsupportedMediaType, .unprocessableContent,
    .tooManyRequests, .internalServerError, .serviceUnavailable,
  ]

  static func name(_ status: HTTPResponse.Status) -> String { "Problem\(status.code)" }

  static func problem(_ status: HTTPResponse.Status) -> JSON {
    var headers: [(String, JSON)] = []
    func add(_ name: String) {
      headers.append((name, ["$ref": .string("#/components/headers/\(name)")]))
    }
    if [429, 503].contains(status.code) { add("Retry-After") }
    if status.code == 401 { add("WWW-Authenticate") }
    var members: [(String, JSON)] = [("description", .string(about(status)))]
    if !headers.isEmpty { members.append(("headers", .members(headers))) }
    members.append(("content", [Problem.type: ["schema": Problem.schema.reference]] as JSON))
    return .members(members)
  }

  static func about(_ status: HTTPResponse.Status) -> String {
    switch status.code {
    case 400: "The body isn't JSON."
    case 401: "There is no good token or session."
    case 403: "You, or your token's scope, may not do this; or a session's form token is missing."
    case 404: "There is no such thing, or you may not know of it."
    case 406: "There is no answer in a type that `Accept` names."
    case 408: "The body took too long to arrive."
    case 409: "It changed meanwhile, or it makes no sense as things are."
    case 412: "It isn't any more as `If-Match` says."
    case 413: "The body is too large."
    case 415: "The body isn't sent as JSON."
    case 422: "Values are wrong, or the quota doesn't suffice; `errors` names the fields."
    case 429: "Too many calls; try again after `Retry-After` seconds."
    case 503: "The database or the cluster doesn't answer."
    default: "A mistake of BabyHelm."
    }
  }
}
