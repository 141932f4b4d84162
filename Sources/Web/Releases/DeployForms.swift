import Domain

/// What the deploy form sends, and the plan page sends back for confirmation.
struct DeployForm: Sendable {
  var draft: ApplicationDraft
  /// The plan that is confirmed; "" on the way to a plan.
  var planHash = ""
  /// Why, in the author's words.
  var message = ""
  /// Whether an application that is there already is changed.
  var isChange = false
  /// Whether the form is wanted again instead of the plan.
  var wantsForm = false

  init(_ draft: ApplicationDraft = ApplicationDraft()) {
    self.draft = draft
  }

  init(_ form: FormBody) {
    draft = ApplicationDraft()
    draft.name = form.string("name")
    draft.image = form.string("image")
    draft.port = form.string("port")
    draft.replicas = form.string("replicas")
    draft.isAutoscaled = form.isOn("autoscaling")
    draft.minimumReplicas = form.string("minimumReplicas")
    draft.maximumReplicas = form.string("maximumReplicas")
    draft.targetCPU = form.string("targetCPU")
    draft.cpuRequest = form.string("cpuRequest")
    draft.cpuLimit = form.string("cpuLimit")
    draft.memoryRequest = form.string("memoryRequest")
    draft.memoryLimit = form.string("memoryLimit")
    draft.environment = form.rows("envName", "envValue").map {
      .init(name: $0[0], value: $0[1])
    }
    // Fields left out, as a script may, take the form's own defaults.
    let defaults = ApplicationDraft()
    if !form.names.contains("replicas") { draft.replicas = defaults.replicas }
    if !form.names.contains("minimumReplicas") { draft.minimumReplicas = defaults.minimumReplicas }
    if !form.names.contains("maximumReplicas") { draft.maximumReplicas = defaults.maximumReplicas }
    if !form.names.contains("targetCPU") { draft.targetCPU = defaults.targetCPU }
    if !form.names.contains("cpuRequest") { draft.cpuRequest = defaults.cpuRequest }
    if !form.names.contains("memoryRequest") { draft.memoryRequest = defaults.memoryRequest }
    if !form.names.contains("memoryLimit") { draft.memoryLimit = defaults.memoryLimit }
    planHash = form.string("plan")
    message = form.string("message")
    isChange = form.isOn("change")
    wantsForm = form.string("step") == "form"
  }

  /// The fields of the draft as they are sent, for the plan page's hidden
  /// copy of them.
  var pairs: [(name: String, value: String)] {
    var pairs = [
      ("name", draft.name), ("image", draft.image), ("port", draft.port),
      ("replicas", draft.replicas), ("minimumReplicas", draft.minimumReplicas),
      ("maximumReplicas", draft.maximumReplicas), ("targetCPU", draft.targetCPU),
      ("cpuRequest", draft.cpuRequest), ("cpuLimit", draft.cpuLimit),
      ("memoryRequest", draft.memoryRequest), ("memoryLimit", draft.memoryLimit),
    ]
    if draft.isAutoscaled { pairs.append(("autoscaling", "on")) }
    if isChange { pairs.append(("change", "on")) }
    for row in draft.environment where !row.name.isEmpty || !row.value.isEmpty {
      pairs.append(("envName", row.name))
      pairs.append(("envValue", row.value))
    }
    return pairs.map { (name: $0.0, value: $0.1) }
  }
}
