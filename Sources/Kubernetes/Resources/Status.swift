/// The API server's answer to a request that it refused, or that has no object
/// to return (`metav1.Status`).
public struct Status: Sendable, Hashable {
  /// One word for why (`metav1.StatusReason`), empty if not said. Trust it
  /// before ``code``.
  public var reason: String
  /// The HTTP status, as the body says it, else as the answer said it.
  public var code: Int
  /// A sentence for people.
  public var message: String
  /// What the refusal is about.
  public var details: Details

  /// What a refusal is about (`metav1.StatusDetails`).
  public struct Details: Sendable, Hashable {
    /// The object; empty if there is none.
    public var name: String
    /// The API group; empty for the core group.
    public var group: String
    /// The kind, or its plural.
    public var kind: String
    /// The object that a delete removed.
    public var uid: String
    /// The single things that are wrong.
    public var causes: [Cause]
    /// After how many seconds another try makes sense.
    public var retryAfterSeconds: Int?

    /// Makes details by hand.
    public init(
      name: String = "", group: String = "", kind: String = "", uid: String = "",
      causes: [Cause] = [], retryAfterSeconds: Int? = nil
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.uid = uid
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  /// One thing that is wrong (`metav1.StatusCause`).
  public struct Cause: Sendable, Hashable {
    /// One word, as in `FieldValueInvalid`.
    public var reason: String
    /// The field, as in `spec.replicas`; empty when it's about the whole.
    public var field: String
    /// A sentence for people.
    public var message: String

    /// Makes a cause by hand.
    public init(reason: String, field: String, message: String) {
      self.reason = reason
      self.field = field
      self.message = message
    }
  }

  /// Makes a status by hand.
  public init(reason: String, code: Int, message: String, details: Details = Details()) {
    self.reason = reason
    self.code = code
    self.message = message
    self.details = details
  }
}

extension Status {
  /// Reads a `Status` object.
  ///
  /// - Parameter code: the HTTP status, taken when the object has none.
  /// - Throws: ``ResourceDecodingError`` when it isn't a `Status`.
  public init(json: JSONValue, code: Int = 0) throws(ResourceDecodingError) {
    let fields = try ResourceFields(json)
    guard try fields.string("kind") == "Status" else {
      throw ResourceDecodingError(path: "kind", expected: "\"Status\"")
    }
    reason = try fields.string("reason") ?? ""
    self.code = try fields.int("code") ?? code
    message = try fields.string("message") ?? ""
    details = try fields.object("details", Details.init) ?? Details()
  }
}

extension Status.Details {
  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    name = try fields.string("name") ?? ""
    group = try fields.string("group") ?? ""
    kind = try fields.string("kind") ?? ""
    uid = try fields.string("uid") ?? ""
    causes = try fields.objects("causes", Status.Cause.init)
    retryAfterSeconds = try fields.int("retryAfterSeconds")
  }
}

extension Status.Cause {
  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    reason = try fields.string("reason") ?? ""
    field = try fields.string("field") ?? ""
    message = try fields.string("message") ?? ""
  }
}
