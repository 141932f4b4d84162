import Domain

/// What the form for a new project sends.
struct ProjectForm: Sendable {
  static let fields = ["name", "cpu", "memory", "pods", "storage", "podSecurity"]

  var draft: ProjectDraft

  /// - Parameter policy: what a new project gets.
  init(_ policy: PlatformPolicy) {
    draft = ProjectDraft(quota: policy.quota)
  }

  init(_ form: FormBody, _ policy: PlatformPolicy) {
    self.init(policy)
    draft.name = form.string("name")
    draft.cpu = form.string("cpu")
    draft.memory = form.string("memory")
    draft.pods = form.string("pods")
    // Fields left out, as a script may, keep the form's own defaults.
    let sent = form.names
    if sent.contains("storage") { draft.storage = form.string("storage") }
    if sent.contains("podSecurity") { draft.podSecurity = form.string("podSecurity") }
  }
}
