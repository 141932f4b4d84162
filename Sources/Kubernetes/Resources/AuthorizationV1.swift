/// The group `authorization.k8s.io`, version `v1`.
public enum AuthorizationV1 {}

extension AuthorizationV1 {
  /// An act on objects, as rights name it.
  public struct ResourceAttributes: Sendable, Hashable {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`…
    public var verb: String
    /// Empty for the core group.
    public var group: String
    /// The plural, as in `deployments`.
    public var resource: String
    /// As in `log`; mostly empty.
    public var subresource: String
    /// Empty for all namespaces.
    public var namespace: String
    /// Empty for all names.
    public var name: String

    /// An act on objects of a kind.
    public init(
      verb: String, type: ResourceType, subresource: String = "", namespace: String = "",
      name: String = ""
    ) {
      self.verb = verb
      group = type.group
      resource = type.plural
      self.subresource = subresource
      self.namespace = namespace
      self.name = name
    }

    /// The `SelfSubjectAccessReview` that asks about it. Empty fields are left
    /// out.
    public var review: JSONValue {
      let pairs = [
        ("verb", verb), ("group", group), ("resource", resource), ("subresource", subresource),
        ("namespace", namespace), ("name", name),
      ]
      var attributes: [String: JSONValue] = [:]
      for (key, value) in pairs where !value.isEmpty { attributes[key] = .string(value) }
      return [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": ["resourceAttributes": .object(attributes)],
      ]
    }
  }

  /// Whether the client may do something.
  public struct AccessReview: Sendable, Hashable {
    /// Whether it may.
    public var isAllowed: Bool
    /// Why, if the server says so.
    public var reason: String

    /// Reads the answer to a `SelfSubjectAccessReview`.
    ///
    /// - Throws: ``ResourceDecodingError`` when it has no `status.allowed`.
    public init(json: JSONValue) throws(ResourceDecodingError) {
      let status = try ResourceFields(json).object("status") {
        fields throws(ResourceDecodingError) in
        (try fields.bool("allowed"), try fields.string("reason") ?? "")
      }
      guard let status, let allowed = status.0 else {
        throw ResourceDecodingError(path: "status.allowed", expected: "true or false")
      }
      isAllowed = allowed
      reason = status.1
    }
  }
}
