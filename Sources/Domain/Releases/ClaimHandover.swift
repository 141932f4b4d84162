internal import Kubernetes

/// Keeps what can't be changed of a volume's claim (Kubernetes API,
/// PersistentVolumeClaimSpec: only `resources.requests` of a bound claim can).
///
/// An operator who chooses another storage class means claims to come; those
/// that are there keep theirs, or no deploy would be possible any more.
enum ClaimHandover {
  /// The wanted object with the live one's class and access modes.
  static func afterwards(_ wanted: JSONValue, from live: JSONValue?) -> JSONValue {
    guard wanted["kind"] == "PersistentVolumeClaim", let live, var spec = wanted["spec"] else {
      return wanted
    }
    for field in ["storageClassName", "accessModes"] { spec[field] = live["spec"]?[field] }
    var object = wanted
    object["spec"] = spec
    return object
  }
}
