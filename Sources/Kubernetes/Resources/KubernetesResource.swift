/// An object of the Kubernetes API, read as far as a dashboard needs it.
///
/// Reading is lenient: unknown fields don't matter, a missing or `null` list is
/// empty. What must be written to the cluster is a ``JSONValue``, so that
/// nothing the server knows and this module doesn't is ever lost.
public protocol KubernetesResource: Sendable {
  /// The kind, and where the API server keeps it.
  static var type: ResourceType { get }

  /// Whether the server keeps the objects, so that lists have a version. What is
  /// measured or asked when somebody lists it has none.
  static var isStored: Bool { get }

  /// Reads an object as the API server sent it.
  ///
  /// - Throws: ``ResourceDecodingError`` when a field has the wrong type.
  init(json: JSONValue) throws(ResourceDecodingError)

  /// Name, namespace, labels and the rest of the common fields.
  var metadata: ObjectMeta { get }
}

extension KubernetesResource {
  public static var isStored: Bool { true }
}
