internal import Kubernetes

/// Keeps the replicas running when an autoscaler takes over their number.
///
/// A release with an autoscaler says nothing about `spec.replicas`. To
/// server-side apply that means "remove it", and the API server's default is 1:
/// all but one pod would go until the autoscaler looks. So another field
/// manager applies the number first, and the field stays (Kubernetes,
/// "Server-Side Apply", "Transferring ownership").
enum ReplicaHandover {
  /// Who owns the number until the autoscaler changes it.
  static let fieldManager = "babyhelm-autoscaling"

  /// The number to keep; nil when nothing needs to be handed over.
  ///
  /// - Parameter minimum: the autoscaler's. It leaves a Deployment without
  ///   replicas alone (Kubernetes, "Horizontal Pod Autoscaling", "Implicit
  ///   maintenance-mode deactivation"), so that one is started here.
  static func replicas(
    from live: JSONValue, to wanted: JSONValue, minimum: Int
  ) -> Int? {
    guard wanted["kind"] == "Deployment", wanted.at("spec", "replicas") == nil,
      let count = live.at("spec", "replicas")?.int
    else { return nil }
    if count == 0 { return minimum }
    let managers = live.at("metadata", "managedFields")?.array ?? []
    let isOurs = managers.contains { entry in
      entry["manager"]?.string == ProjectGuards.fieldManager
        && entry["operation"] == "Apply"
        && entry.at("fieldsV1", "f:spec", "f:replicas") != nil
    }
    return isOurs ? max(count, minimum) : nil
  }

  /// What the other manager applies: the number and nothing else.
  static func manifest(keeping count: Int, of wanted: JSONValue) -> JSONValue {
    let metadata: JSONValue = ["name": wanted.at("metadata", "name") ?? .null]
    let spec: JSONValue = ["replicas": .integer(Int64(count))]
    return [
      "apiVersion": wanted["apiVersion"] ?? .null, "kind": wanted["kind"] ?? .null,
      "metadata": metadata, "spec": spec,
    ]
  }

  /// Whether a conflict only says that an autoscaler had the number until now.
  static func explains(_ conflict: ConflictOwner) -> Bool {
    conflict.field == ".spec.replicas"
      && [fieldManager, "kube-controller-manager"].contains(conflict.manager)
  }

  /// What a dry run must ask for to show what comes out after the hand-over.
  static func afterwards(_ wanted: JSONValue, keeping count: Int?) -> JSONValue {
    guard let count else { return wanted }
    var spec = wanted["spec"] ?? [:]
    spec["replicas"] = .integer(Int64(count))
    var object = wanted
    object["spec"] = spec
    return object
  }
}
