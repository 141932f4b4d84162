import Domain
import Templates

/// The buttons that change an application without a form.
struct ApplicationActions: Sendable {
  /// A button that is a form of its own.
  struct Button: Sendable {
    let label: String
    let link: Link
    /// What is asked before it is done; nil for what does no harm.
    let question: String?

    init(
      _ label: String, _ action: Paths.Action, _ name: String, _ project: String,
      question: String? = nil
    ) {
      self.label = label
      self.question = question
      link = Paths.action(action, on: name, in: project)
    }
  }

  let token: String
  /// The newest release, so that a click decides about what the person saw.
  let release: String
  let scale: Link
  /// How many replicas it has; nil where an autoscaler decides.
  let replicas: String?
  /// Those that always make sense.
  let buttons: [Button]
  let pause: Button
  let resume: Button
  let cancel: Button

  init(_ detail: ApplicationDetail, token: String) {
    let (application, project) = (detail.application, detail.membership.project.name)
    let (name, spec) = (application.name, detail.application.spec)
    self.token = token
    release = String(application.releaseNumber)
    scale = Paths.action(.scale, on: name, in: project)
    if case .fixed(let count) = spec.scaling { replicas = String(count) } else { replicas = nil }
    let stop = Button(
      "Stop", .stop, name, project,
      question: "Stop “\(name)” in \(project)? Its pods end, and nothing answers at its address "
        + "until somebody starts it again.")
    buttons =
      spec.isStopped
      ? [Button("Start", .start, name, project)]
      : [Button("Restart", .restart, name, project), stop]
    pause = Button("Pause rollout", .pause, name, project)
    resume = Button("Resume rollout", .resume, name, project)
    cancel = Button("Cancel rollout", .cancel, name, project)
  }
}
