import Kubernetes

/// Validation of PodDisruptionBudgets (`pkg/apis/policy/validation`).
enum DisruptionValidation {
  static func causes(_ spec: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
      causes.append(
        .invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    }
    for key in ["minAvailable", "maxUnavailable"] {
      causes += amount(spec[key], "spec.\(key)")
    }
    let policies = ["AlwaysAllow", "IfHealthyBudget"]
    if let policy = spec["unhealthyPodEvictionPolicy"], !policies.contains(policy.string ?? "") {
      causes.append(.unsupported("spec.unhealthyPodEvictionPolicy", policy, policies))
    }
    return causes
  }

  /// A number that isn't negative, or a percentage up to 100.
  private static func amount(_ value: JSONValue?, _ field: String) -> [Cause] {
    guard let value else { return [] }
    guard let text = value.string else { return Validation.nonNegative(value, field) }
    guard text.hasSuffix("%"), let percent = Int(text.dropLast()), percent >= 0 else {
      return [
        .invalid(
          field, value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  "
            + "or '93%', regex used for validation is '[0-9]+%')")
      ]
    }
    return percent > 100 ? [.invalid(field, value, "must not be greater than 100%")] : []
  }
}
