import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A call as its handler sees it: who asks, and what for, all checked against
/// the declaration.
struct APICall: Sendable {
  let route: APIRoute
  let request: Request
  let context: SignedInContext
  /// The parameters that are in the query, by name.
  let query: [String: String]
  /// The body, which fits the route's schema; an empty object without one.
  let body: JSON
  /// The type that the client likes best of those the call can answer with.
  let type: String

  var principal: Principal { context.principal }

  /// A name from the path.
  ///
  /// - Throws: 404 for what can't be a name.
  func name(_ parameter: String) throws -> String { try context.parameter(parameter) }

  /// A number from the path.
  ///
  /// - Throws: 404 for what isn't one, since nothing has such a number.
  func number(_ parameter: String) throws -> Int {
    let text = try context.parameter(parameter)
    guard let number = Int(text), number > 0, String(number) == text else {
      throw HTTPError(.notFound)
    }
    return number
  }

  /// A text of the body; nil when it isn't there.
  func text(_ field: String) -> String? { body[field]?.string }

  /// Whether the query says so.
  func isOn(_ parameter: String) -> Bool { query[parameter] == "true" }

  /// The link of a call, as it stands in `Location`.
  static func path(_ segments: String...) -> String {
    APIRoute.base + segments.map { "/" + encoded($0) }.joined()
  }

  private static func encoded(_ segment: String) -> String {
    let plain = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return segment.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }

  /// Whether the client says what it saw, so that the thing must be read first.
  var isConditional: Bool { request.headers[.ifMatch] != nil }

  /// Refuses a change of something that isn't any more as the client saw it
  /// (RFC 9110 §13.1.1).
  ///
  /// - Parameter tag: of the thing as it is; nil when there is none.
  func requireMatch(_ tag: String?) throws(PageError) {
    guard let header = request.headers[.ifMatch] else { return }
    guard let tag, EntityTag.matches(header, version: tag) else {
      throw PageError.preconditionFailed
    }
  }

  /// Refuses making something where there is one, as `If-None-Match: *` asks.
  func requireAbsence(_ tag: String?) throws(PageError) {
    guard let header = request.headers[.ifNoneMatch], tag != nil else { return }
    if FormBody.trimmed(header) == "*" { throw PageError.preconditionFailed }
  }
}

// MARK: - Pages of a list

extension APICall {
  /// How many items a page may have.
  var limit: Int { query["limit"].flatMap(Int.init) ?? 50 }

  /// What stands in the cursor; nil on the first page.
  ///
  /// - Throws: `invalid` for what isn't a cursor of ours.
  func cursor() throws(DomainError) -> String? {
    guard let text = query["cursor"] else { return nil }
    guard let bytes = Base64URL.decode(text), !bytes.isEmpty, !bytes.contains(0),
      let cursor = String(validating: bytes, as: UTF8.self)
    else { throw Self.badCursor }
    return cursor
  }

  /// The same for a list whose cursor is a number.
  func numericCursor() throws(DomainError) -> Int? {
    guard let text = try cursor() else { return nil }
    guard let number = Int(text), number >= 0 else { throw Self.badCursor }
    return number
  }

  private static var badCursor: DomainError {
    .invalid([FieldError("cursor", "Take it from “next” of the page before, as it is.")])
  }

  /// A page of a list, of which one more item than fits was read.
  ///
  /// - Parameter cursor: what the next page begins after, of the last item.
  func page<Value>(
    _ found: [Value], _ resource: Resource<Value>, cursor: (Value) -> String
  ) -> APIAnswer {
    let items = Array(found.prefix(limit))
    let isMore = found.count > items.count
    let next = isMore ? items.last.map { Base64URL.encode(Array(cursor($0).utf8)) } : nil
    return .ok(resource.json(items, next: next))
  }

  /// A page of a list that is held whole, in the order of keys that stay as they
  /// are when others come and go.
  func page<Value>(
    keyed all: [Value], _ resource: Resource<Value>, by key: (Value) -> String
  ) throws -> APIAnswer {
    let cursor = try cursor()
    let sorted = all.map { (key: key($0), value: $0) }.sorted { $0.key < $1.key }
    let rest = sorted.filter { entry in cursor.map { entry.key > $0 } ?? true }.map(\.value)
    return page(rest, resource, cursor: key)
  }

  /// A page of a list that is held whole and short: its cursor is a place.
  func page<Value>(slicing all: [Value], _ resource: Resource<Value>) throws -> APIAnswer {
    let start = min(try numericCursor() ?? 0, all.count)
    let end = min(start + limit, all.count)
    let next = end < all.count ? Base64URL.encode(Array("\(end)".utf8)) : nil
    return .ok(resource.json(Array(all[start..<end]), next: next))
  }
}

/// What a handler answers.
struct APIAnswer: Sendable {
  enum Body: Sendable {
    case none
    case json(JSON)
    /// JSON as it was written before.
    case written(String)
    /// A text or a stream, ready.
    case response(Response)
  }

  var status: HTTPResponse.Status
  var body: Body
  var location: String?
  var etag: String?

  static func ok(_ json: JSON, etag: String? = nil) -> APIAnswer {
    APIAnswer(status: .ok, body: .json(json), etag: etag)
  }

  static func created(_ json: JSON, at location: String? = nil, etag: String? = nil) -> APIAnswer {
    APIAnswer(status: .created, body: .json(json), location: location, etag: etag)
  }

  static func accepted(_ json: JSON, at location: String, etag: String? = nil) -> APIAnswer {
    APIAnswer(status: .accepted, body: .json(json), location: location, etag: etag)
  }

  static let empty = APIAnswer(status: .noContent, body: .none)

  static func response(_ response: Response) -> APIAnswer {
    APIAnswer(status: response.status, body: .response(response))
  }

  static func text(_ text: String, type: String) -> APIAnswer {
    .response(
      Response(
        status: .ok, headers: [.contentType: type],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text))))
  }

  /// The answer to a read, with a tag of what it says; 304 for a client that has
  /// it. What isn't told whole, a stream, has none.
  func response(toRead request: Request) -> Response {
    guard case .json(let json) = body, status == .ok else { return response() }
    let bytes = json.bytes
    return Self.response(bytes, status).tagged(bytes, version: etag, for: request)
  }

  func response() -> Response {
    var response: Response
    switch body {
    case .response(let ready): response = ready
    case .none: response = Response(status: status)
    case .json(let json): response = Self.response(json.bytes, status)
    case .written(let text): response = Self.response(Array(text.utf8), status)
    }
    if let location { response.headers[.location] = location }
    if let etag { response.headers[.eTag] = etag }
    return response
  }

  private static func response(_ bytes: [UInt8], _ status: HTTPResponse.Status) -> Response {
    Response(
      status: status,
      headers: [.contentType: "application/json", .contentLength: "\(bytes.count)"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
