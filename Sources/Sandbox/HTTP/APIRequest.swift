import Foundation
import HTTPTypes
import Hummingbird
import Kubernetes
import Yams

/// A request to the API, taken apart.
struct APIRequest: Sendable {
  var method: HTTPRequest.Method
  var path: [String]
  var query: [String: String]
  var headers: HTTPFields
  /// Who asks; `nil` may do everything.
  var account: ActingUser?
  /// Whether a token of one namespace's account was shown.
  var isByMember = false
  /// Whether an admin's token was shown; such requests aren't counted.
  var isByAdmin = false

  init(_ request: Request) {
    method = request.method
    headers = request.headers
    let parts = request.uri.string.split(separator: "?", maxSplits: 1)
    path = (parts.first ?? "").split(separator: "/").map { Self.decoded(String($0)) }
    query = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = sides.count > 1 ? String(sides[1]) : ""
      query[Self.decoded(String(sides[0]))] = Self.decoded(
        value.replacing("+", with: " "))
    }
  }

  func number(_ name: String) -> Int? { query[name].flatMap(Int.init) }

  func flag(_ name: String) -> Bool { query[name] == "true" || query[name] == "1" }

  var mediaType: String {
    let value = headers[.contentType] ?? "application/json"
    return String(value.prefix { $0 != ";" })
  }

  /// Whether kubectl asked for a table.
  var wantsTable: Bool { (headers[.accept] ?? "").contains("as=Table") }

  /// How a write is meant, from the query.
  var writeOptions: WriteOptions {
    var options = WriteOptions()
    let agent = (headers[.userAgent] ?? "").prefix { $0 != "/" }
    options.manager = query["fieldManager"] ?? (agent.isEmpty ? "unknown" : String(agent))
    options.isDryRun = query["dryRun"] == "All"
    options.isForced = flag("force")
    options.fieldValidation =
      query["fieldValidation"].flatMap(
        WriteOptions.FieldValidation.init(rawValue:)) ?? .warn
    return options
  }

  /// Reads a body: JSON, or for apply patches YAML.
  func decode(_ bytes: [UInt8]) throws(APIError) -> JSONValue {
    if mediaType == "application/vnd.kubernetes.protobuf" {
      guard let object = ProtobufBody.decode(bytes) else {
        throw .unreadableProtobuf
      }
      return object
    }
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      guard mediaType.hasSuffix("yaml") else {
        throw .badRequest("the object provided is unrecognized (\(error))")
      }
    }
    return try decodeYAML(String(decoding: bytes, as: UTF8.self))
  }

  private func decodeYAML(_ text: String) throws(APIError) -> JSONValue {
    do {
      return try YAMLDecoder().decode(JSONValue.self, from: text)
    } catch {
      // The words of the Go library for its commonest complaint; others vary.
      throw .badRequest(
        "error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected "
          + "node content")
    }
  }

  private static func decoded(_ text: String) -> String { text.removingPercentEncoding ?? text }
}
