import Foundation
import Kubernetes

/// What a list request asked for.
struct ListQuery: Sendable {
  var namespace: String?
  var labels: LabelSelector?
  var fields: FieldSelector?
  var limit: Int?
  var continueToken: String?
  var revision: Int?
  var mustBeExact = false
}

/// A page of a list.
struct ListPage: Sendable {
  var items: [JSONValue]
  var revision: Int
  var continueToken: String?
  var remaining: Int?
}

extension Cluster {
  func get(_ type: ResourceType, _ key: ObjectKey) throws(APIError) -> JSONValue {
    guard let object = store[type, key] else { throw .notFound(type, key.name) }
    return object
  }

  /// Lists a kind, a page at a time when `limit` says so.
  func list(_ type: ResourceType, _ query: ListQuery) throws(APIError) -> ListPage {
    if let revision = query.revision {
      if revision > store.revision {
        throw .tooLargeVersion(revision, current: store.revision)
      }
      if query.mustBeExact, revision < store.forgottenRevision {
        throw .expired("The provided resource version is too old: \(revision)")
      }
    }
    let position = try startOfPage(query)
    var items =
      if let position {
        store.list(type, namespace: query.namespace, at: position.revision)
      } else {
        store.list(type, namespace: query.namespace)
      }
    if let labels = query.labels { items = items.filter { labels.matches($0.labels) } }
    if let fields = query.fields { items = items.filter(fields.matches) }
    var page = ListPage(items: items, revision: store.revision)
    var rest = items[...]
    if let position {
      page.revision = position.revision
      let start = query.namespace.map { $0 + position.start } ?? position.start
      rest = rest[rest.firstPlace(after: start)...]
    }
    if let limit = query.limit, limit > 0, rest.count > limit {
      let kept = rest.prefix(limit)
      if let last = kept.last {
        let start = ContinueToken.place(of: last, in: query.namespace)
        page.continueToken = ContinueToken(revision: page.revision, start: start).text
      }
      if query.labels == nil, query.fields == nil { page.remaining = rest.count - limit }
      rest = kept
    }
    page.items = Array(rest)
    return page
  }

  /// Where a further page begins; `nil` for the first.
  private func startOfPage(_ query: ListQuery) throws(APIError) -> ContinueToken? {
    guard let token = query.continueToken, !token.isEmpty else { return nil }
    let position = try ContinueToken(token)
    guard position.revision >= store.forgottenRevision else {
      throw .expired(
        "The provided continue parameter is too old to display a consistent list result. You "
          + "can start a new list without the continue parameter.")
    }
    return position
  }
}

/// Where the next page starts: an opaque token for clients.
struct ContinueToken: Sendable {
  var revision: Int
  /// The last place that was delivered.
  var start: String

  init(revision: Int, start: String) {
    self.revision = revision
    self.start = start
  }

  /// The place of an object in a list.
  static func place(of object: JSONValue, in namespace: String?) -> String {
    namespace == nil ? "\(object.namespace)/\(object.name)" : "/\(object.name)"
  }

  /// Reads a token as it came from a client.
  init(_ text: String) throws(APIError) {
    let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    let standard = padded.replacing("-", with: "+").replacing("_", with: "/")
    guard let data = Data(base64Encoded: standard) else {
      throw .badRequest("continue key is not valid: illegal base64 data")
    }
    guard let json = try? JSONValue(parsing: data), json["v"]?.string == "meta.k8s.io/v1",
      let revision = json["rv"]?.int, let start = json["start"]?.string
    else {
      let byte = data.first.map { UInt8($0) } ?? 0
      let digits = String(byte, radix: 16)
      let shown =
        byte < 0x7F && byte >= 0x20
        ? "'\(Unicode.Scalar(byte))'" : "'\\u00\(digits.count < 2 ? "0" : "")\(digits)'"
      throw .badRequest(
        "invalid continue token: continue key is not valid: invalid character \(shown) looking "
          + "for beginning of value")
    }
    self.revision = revision
    self.start = start.hasSuffix("\u{0}") ? String(start.dropLast()) : start
  }

  var text: String {
    let json: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": .integer(Int64(revision)), "start": .string(start + "\u{0}"),
    ]
    let base = Data(json.serialized()).base64EncodedString()
    return base.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
