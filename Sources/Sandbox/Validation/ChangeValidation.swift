import Kubernetes

extension Validation {
  /// What may not change between two versions of an object.
  static func changeCauses(
    from old: JSONValue, to new: JSONValue, type: ResourceType
  ) -> [Cause] {
    switch type.kind {
    case "Deployment", "ReplicaSet": immutable("spec", "selector", old, new)
    case "Service": service(old, new)
    case "ConfigMap", "Secret": data(old, new)
    case "PersistentVolumeClaim": claim(old, new)
    case "RoleBinding", "ClusterRoleBinding": roleReference(old, new)
    case "Pod": pod(old, new)
    default: []
    }
  }

  private static func immutable(
    _ parent: String, _ key: String, _ old: JSONValue, _ new: JSONValue
  ) -> [Cause] {
    let (before, after) = (old.at(parent, key), new.at(parent, key))
    guard before != after else { return [] }
    return [.invalid("\(parent).\(key)", after ?? nil, "field is immutable")]
  }

  private static func service(_ old: JSONValue, _ new: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    let (before, after) = (old.at("spec", "loadBalancerClass"), new.at("spec", "loadBalancerClass"))
    if let before, before != after, new.at("spec", "type") == "LoadBalancer" {
      causes.append(
        .invalid("spec.loadBalancerClass", after ?? nil, "may not change once set"))
    }
    let addresses = (old.at("spec", "clusterIP"), new.at("spec", "clusterIP"))
    if let address = addresses.0, address != "None", address != addresses.1,
      new.at("spec", "type") != "ExternalName"
    {
      causes.append(
        .invalid("spec.clusterIPs[0]", .array([addresses.1 ?? nil]), "may not change once set"))
    }
    return causes
  }

  private static func data(_ old: JSONValue, _ new: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    if old["immutable"] == true {
      let text = "field is immutable when `immutable` is set"
      if new["immutable"] != true { causes.append(.forbidden("immutable", text)) }
      for key in ["data", "binaryData"] where old[key] != new[key] {
        causes.append(.forbidden(key, text))
      }
    }
    if old["kind"] == "Secret", old["type"] != new["type"] {
      causes.append(.invalid("type", new["type"] ?? nil, "field is immutable"))
    }
    return causes
  }

  private static func claim(_ old: JSONValue, _ new: JSONValue) -> [Cause] {
    guard old["spec"] != new["spec"] else { return [] }
    let request = ["resources", "requests", "storage"]
    func size(_ object: JSONValue) -> JSONValue? {
      object.at("spec", request[0], request[1], request[2])
    }
    var rest = new["spec"] ?? [:]
    rest.set(size(old), at: "resources", "requests", "storage")
    let isBound = old.at("status", "phase") == "Bound"
    let text =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName "
      + "for bound claims"
    if rest != old["spec"] || !isBound {
      return [.forbidden("spec", text + difference(size(old), size(new)))]
    }
    guard let (before, after) = quantities(size(old), size(new)), after < before else { return [] }
    return [
      .forbidden(
        "spec.resources.requests.storage", "field can not be less than status.capacity")
    ]
  }

  private static func quantities(
    _ old: JSONValue?, _ new: JSONValue?
  ) -> (Quantity, Quantity)? {
    guard let old = old.flatMap({ Quantity($0) }), let new = new.flatMap({ Quantity($0) }) else {
      return nil
    }
    return (old, new)
  }

  /// The excerpt that the server adds when only the size differs.
  private static func difference(_ old: JSONValue?, _ new: JSONValue?) -> String {
    guard let old = old?.string, let new = new?.string, old != new else { return "" }
    return """

      @@ -6,7 +6,7 @@
        "Resources": {
         "Limits": null,
         "Requests": {
      -   "storage": "\(old)"
      +   "storage": "\(new)"
         }
        },
        "VolumeName": "",

      """
  }

  private static func roleReference(_ old: JSONValue, _ new: JSONValue) -> [Cause] {
    guard old["roleRef"] != new["roleRef"] else { return [] }
    return [.invalid("roleRef", new["roleRef"] ?? nil, "cannot change roleRef")]
  }

  private static func pod(_ old: JSONValue, _ new: JSONValue) -> [Cause] {
    func fixed(_ object: JSONValue) -> JSONValue? {
      var spec = object["spec"]
      for key in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"] {
        spec?[key] = nil
      }
      for list in ["containers", "initContainers"] {
        spec?.editItems(list) { $0["image"] = nil }
      }
      return spec
    }
    guard fixed(old) != fixed(new) else { return [] }
    return [
      .forbidden(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,"
          + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
          + "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to "
          + "be set to 1 if it was previously negative)")
    ]
  }
}
