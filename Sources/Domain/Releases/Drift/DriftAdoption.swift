/// Takes fields that somebody changed by hand over into a draft.
struct DriftAdoption {
  var draft: ApplicationDraft
  /// What a specification can't say, a sentence each.
  var left: [String] = []
  private let container = "spec.template.spec.containers[app]"

  init(_ draft: ApplicationDraft) {
    self.draft = draft
  }

  mutating func take(_ field: Drift.Field) {
    guard let value = field.found, take(field, value) else {
      let what = field.found.map { "is \($0)" } ?? "is gone"
      left.append(
        "\(field.kind) \(field.name): \(field.path) \(what). The form can't say that; a release sets "
          + "it back.")
      return
    }
  }

  private mutating func take(_ field: Drift.Field, _ value: String) -> Bool {
    switch (field.kind, field.path) {
    case ("Deployment", "spec.replicas"):
      draft.replicas = value
      draft.isStopped = value == "0" && draft.isStopped
    case ("Deployment", "\(container).image"): draft.image = value
    case ("Deployment", "\(container).resources.requests.cpu"): draft.cpuRequest = value
    case ("Deployment", "\(container).resources.requests.memory"): draft.memoryRequest = value
    case ("Deployment", "\(container).resources.limits.cpu"): draft.cpuLimit = value
    case ("Deployment", "\(container).resources.limits.memory"): draft.memoryLimit = value
    case ("HorizontalPodAutoscaler", "spec.minReplicas"): draft.minimumReplicas = value
    case ("HorizontalPodAutoscaler", "spec.maxReplicas"): draft.maximumReplicas = value
    case ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target.averageUtilization"):
      draft.targetCPU = value
    default: return takeVariable(field, value)
    }
    return true
  }

  private mutating func takeVariable(_ field: Drift.Field, _ value: String) -> Bool {
    let (start, end) = ("\(container).env[", "].value")
    guard field.kind == "Deployment", field.path.hasPrefix(start), field.path.hasSuffix(end) else {
      return false
    }
    let name = String(field.path.dropFirst(start.count).dropLast(end.count))
    guard let row = draft.environment.firstIndex(where: { $0.name == name }) else { return false }
    draft.environment[row].value = value
    return true
  }
}
