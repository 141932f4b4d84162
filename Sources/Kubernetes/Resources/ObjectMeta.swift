public import Foundation

/// The fields common to all objects (`metav1.ObjectMeta`). `managedFields` are
/// left out; a ``JSONValue`` has them.
public struct ObjectMeta: Sendable, Hashable {
  /// Unique among the objects of its kind and namespace.
  public var name: String
  /// `nil` for kinds without namespaces.
  public var namespace: String?
  /// Never given to another object, not even to one of the same name.
  public var uid: String
  /// Changes with every write. Opaque: compare for equality only.
  public var resourceVersion: String
  /// Counts the changes of the desired state, from 1.
  public var generation: Int
  /// When the API server stored it first.
  public var creationTimestamp: Date?
  /// Set once deletion was asked for; the object goes when its finalizers have.
  public var deletionTimestamp: Date?
  /// For selecting.
  public var labels: [String: String]
  /// For everything else.
  public var annotations: [String: String]
  /// Objects that it goes with.
  public var ownerReferences: [OwnerReference]
  /// What must be done before the object can go.
  public var finalizers: [String]

  /// Makes metadata by hand.
  public init(
    name: String, namespace: String? = nil, uid: String = "", resourceVersion: String = "",
    generation: Int = 0, creationTimestamp: Date? = nil, deletionTimestamp: Date? = nil,
    labels: [String: String] = [:], annotations: [String: String] = [:],
    ownerReferences: [OwnerReference] = [], finalizers: [String] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.generation = generation
    self.creationTimestamp = creationTimestamp
    self.deletionTimestamp = deletionTimestamp
    self.labels = labels
    self.annotations = annotations
    self.ownerReferences = ownerReferences
    self.finalizers = finalizers
  }

  /// The owner that manages this object, if it has one.
  public var controller: OwnerReference? { ownerReferences.first(where: \.isController) }
}

/// An object this one depends on (`metav1.OwnerReference`).
public struct OwnerReference: Sendable, Hashable {
  /// As in `ReplicaSet`.
  public var kind: String
  /// The owner's name, in the same namespace.
  public var name: String
  /// The owner's uid.
  public var uid: String
  /// Whether the owner manages this object, as a ReplicaSet does its pods.
  public var isController: Bool

  /// Makes a reference by hand.
  public init(kind: String, name: String, uid: String, isController: Bool) {
    self.kind = kind
    self.name = name
    self.uid = uid
    self.isController = isController
  }
}

extension ObjectMeta {
  /// Reads the `metadata` of an object.
  ///
  /// - Throws: ``ResourceDecodingError`` when it is missing or a field of it has
  ///   the wrong type.
  public init(ofObject json: JSONValue) throws(ResourceDecodingError) {
    try self.init(of: ResourceFields(json))
  }

  init(of object: ResourceFields) throws(ResourceDecodingError) {
    let metadata = try object.object("metadata") {
      fields throws(ResourceDecodingError) in try ObjectMeta(fields)
    }
    guard let metadata else {
      throw ResourceDecodingError(path: "metadata", expected: "an object")
    }
    self = metadata
  }

  private init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    guard let name = try fields.string("name") else {
      throw ResourceDecodingError(path: "name", expected: "a string")
    }
    self.init(
      name: name,
      namespace: try fields.string("namespace"),
      uid: try fields.string("uid") ?? "",
      resourceVersion: try fields.string("resourceVersion") ?? "",
      generation: try fields.int("generation") ?? 0,
      creationTimestamp: try fields.date("creationTimestamp"),
      deletionTimestamp: try fields.date("deletionTimestamp"),
      labels: try fields.stringMap("labels"),
      annotations: try fields.stringMap("annotations"),
      ownerReferences: try fields.objects("ownerReferences", OwnerReference.init),
      finalizers: try fields.strings("finalizers"))
  }
}

extension OwnerReference {
  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    kind = try fields.string("kind") ?? ""
    name = try fields.string("name") ?? ""
    uid = try fields.string("uid") ?? ""
    isController = try fields.bool("controller") ?? false
  }
}

/// A named statement about an object's state (`metav1.Condition` and its older
/// kin in each kind's status).
public struct Condition: Sendable, Hashable {
  /// What it is about, as in `Available`.
  public var type: String
  /// `True`, `False` or `Unknown`.
  public var status: String
  /// One word for why, empty if not said.
  public var reason: String
  /// A sentence for people, empty if not said.
  public var message: String
  /// When `status` last changed.
  public var lastTransitionTime: Date?
  /// When a controller last wrote it, as it wrote it; empty for kinds that don't
  /// say (Kubernetes API, DeploymentCondition).
  public var lastUpdateTime: String

  /// Whether `status` is `True`.
  public var isTrue: Bool { status == "True" }

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    type = try fields.string("type") ?? ""
    status = try fields.string("status") ?? ""
    reason = try fields.string("reason") ?? ""
    message = try fields.string("message") ?? ""
    lastTransitionTime = try fields.date("lastTransitionTime")
    lastUpdateTime = try fields.string("lastUpdateTime") ?? ""
  }
}

extension [Condition] {
  /// The condition of a type.
  public subscript(type: String) -> Condition? { first { $0.type == type } }
}
