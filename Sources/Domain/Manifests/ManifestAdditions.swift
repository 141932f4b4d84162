internal import Kubernetes

/// What an operator adds to every object that BabyHelm makes, by configuration.
public struct ManifestAdditions: Sendable, Hashable {
  /// One toleration of every pod (Kubernetes API, Toleration).
  public struct Toleration: Sendable, Hashable {
    public var key: String
    /// nil tolerates any value.
    public var value: String?
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; nil for all of them.
    public var effect: String?

    public init(key: String, value: String? = nil, effect: String? = nil) {
      self.key = key
      self.value = value
      self.effect = effect
    }
  }

  /// Labels of every object and every pod. BabyHelm's own can't be replaced.
  public var labels: [String: String]
  /// Annotations of every object and every pod.
  public var annotations: [String: String]
  /// Labels that a node must have to run a pod.
  public var nodeSelector: [String: String]
  public var tolerations: [Toleration]

  public init(
    labels: [String: String] = [:], annotations: [String: String] = [:],
    nodeSelector: [String: String] = [:], tolerations: [Toleration] = []
  ) {
    self.labels = labels
    self.annotations = annotations
    self.nodeSelector = nodeSelector
    self.tolerations = tolerations
  }

  var isEmpty: Bool { self == ManifestAdditions() }

  /// The object with the additions. What the manifest itself says wins.
  func added(to object: JSONValue) -> JSONValue {
    var object = object
    object["metadata"] = metadata(object["metadata"])
    guard var template = object.at("spec", "template"), var pod = template["spec"],
      var spec = object["spec"]
    else { return object }
    template["metadata"] = metadata(template["metadata"])
    if !nodeSelector.isEmpty { pod["nodeSelector"] = merged(pod["nodeSelector"], nodeSelector) }
    if !tolerations.isEmpty { pod["tolerations"] = .array(tolerations.map(Self.toleration)) }
    template["spec"] = pod
    spec["template"] = template
    object["spec"] = spec
    return object
  }

  private func metadata(_ own: JSONValue?) -> JSONValue {
    var metadata = own ?? [:]
    if !labels.isEmpty { metadata["labels"] = merged(metadata["labels"], labels) }
    if !annotations.isEmpty {
      metadata["annotations"] = merged(metadata["annotations"], annotations)
    }
    return metadata
  }

  private func merged(_ own: JSONValue?, _ added: [String: String]) -> JSONValue {
    let added = added.mapValues { JSONValue.string($0) }
    return .object(added.merging(own?.object ?? [:]) { _, own in own })
  }

  private static func toleration(_ toleration: Toleration) -> JSONValue {
    var object: JSONValue = [
      "key": .string(toleration.key),
      "operator": toleration.value == nil ? "Exists" : "Equal",
    ]
    if let value = toleration.value { object["value"] = .string(value) }
    if let effect = toleration.effect { object["effect"] = .string(effect) }
    return object
  }
}
