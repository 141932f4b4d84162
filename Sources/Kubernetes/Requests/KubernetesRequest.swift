/// One request to the API server, as a plain value. The functions that make
/// them know the API's paths and parameters and nothing of the network.
public struct KubernetesRequest: Sendable, Hashable {
  /// HTTP methods that the API knows.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  /// Formats of a body.
  public enum ContentType: String, Sendable {
    case json = "application/json"
    /// Server-side apply. YAML, of which JSON is a part.
    case apply = "application/apply-patch+yaml"
    /// RFC 7386.
    case mergePatch = "application/merge-patch+json"
    /// RFC 6902.
    case jsonPatch = "application/json-patch+json"
  }

  /// The HTTP method.
  public var method: Method
  /// Percent-encoded, without the query.
  public var path: String
  /// Name and value, not yet encoded, in the order they are sent.
  public var query: [QueryItem]
  /// The format of the body; JSON unless said otherwise.
  public var contentType: ContentType?
  /// Sent as JSON, whatever the content type.
  public var body: JSONValue?
  /// Whether sending it twice does the same as sending it once, so that it may
  /// be repeated when the answer got lost.
  public var isRepeatable: Bool

  /// One parameter of the query.
  public struct QueryItem: Sendable, Hashable {
    /// Not yet encoded.
    public var name: String
    /// Not yet encoded.
    public var value: String

    /// Makes a parameter.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Makes a request by hand; the static functions cover the usual ones.
  public init(
    _ method: Method, _ path: String, query: [QueryItem] = [], contentType: ContentType? = nil,
    body: JSONValue? = nil, isRepeatable: Bool? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.contentType = contentType
    self.body = body
    self.isRepeatable = isRepeatable ?? (method == .get)
  }

  /// Path and encoded query, as the request line has them.
  public var target: String {
    if query.isEmpty { return path }
    let pairs = query.map { item in
      "\(PercentEncoding.query(item.name))=\(PercentEncoding.query(item.value))"
    }
    return "\(path)?\(pairs.joined(separator: "&"))"
  }
}

extension [KubernetesRequest.QueryItem] {
  mutating func add(_ name: String, _ value: String?) {
    if let value { append(KubernetesRequest.QueryItem(name, value)) }
  }

  mutating func add(_ name: String, _ value: Int?) { add(name, value.map(String.init)) }

  mutating func add(_ name: String, if flag: Bool) { if flag { add(name, "true") } }
}
