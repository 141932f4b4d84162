import Domain

/// What the form for a new project sends.
struct ProjectForm: Sendable {
  static let fields = ["name", "cpu", "memory", "pods"]

  var draft: ProjectDraft

  init() {
    draft = ProjectDraft()
  }

  init(_ form: FormBody) {
    draft = ProjectDraft()
    draft.name = form.string("name")
    draft.cpu = form.string("cpu")
    draft.memory = form.string("memory")
    draft.pods = form.string("pods")
  }
}
