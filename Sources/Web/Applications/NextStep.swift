import Domain
import Templates

/// The one thing to do next about an application, and why.
struct NextStep: Sendable, Equatable {
  let text: String
  let reason: String
  /// nil for what isn't done on another page.
  let link: Link?
  let tone: Badge.Tone

  var badge: Badge { Badge(tone, "Next") }

  private init(_ tone: Badge.Tone, _ text: String, _ reason: String, _ link: Link? = nil) {
    (self.tone, self.text, self.reason, self.link) = (tone, text, reason, link)
  }

  /// From the most urgent to the least.
  ///
  /// - Parameter mayDeploy: whether who looks may do any of it; who may not is
  ///   told without a way to it.
  init(
    _ detail: ApplicationDetail, history: [ReleaseSummary], diagnosis: Diagnosis?,
    hasDrift: Bool, alerts: FiringAlerts, mayDeploy: Bool
  ) {
    let (name, project) = (detail.application.name, detail.membership.project.name)
    let newest = history.first
    func allowed(_ link: Link) -> Link? { mayDeploy ? link : nil }

    if detail.application.spec.isStopped {
      self.init(.neutral, "Start it", "It is stopped: no pod runs, and its address doesn’t answer.")
    } else if let newest, newest.state == .failed,
      let good = history.dropFirst().first(where: { $0.state == .succeeded })
    {
      self.init(
        .bad, "Roll back to release #\(good.number)",
        "Release #\(newest.number) failed; #\(good.number) served.",
        allowed(Paths.rollback(to: good.number, of: name, in: project)))
    } else if let diagnosis, let field = diagnosis.field {
      self.init(
        detail.status.health == .healthy ? .warning : .bad, field.cure, diagnosis.sentence,
        allowed(Paths.change(field, of: name, in: project)))
    } else if let diagnosis {
      self.init(
        detail.status.health == .healthy ? .warning : .bad, "Read what is wrong",
        diagnosis.sentence, Paths.application(name, in: project, .logs))
    } else if let newest, !newest.state.isFinal {
      self.init(
        .working, "Wait for release #\(newest.number)", "It is on its way; this page follows it.")
    } else if let card = alerts.cards.first {
      self.init(.warning, "Look at the alert", card.summary, card.link)
    } else if hasDrift {
      self.init(
        .warning, "Look at what was changed by hand",
        "The cluster differs from the newest release.",
        Paths.application(name, in: project, .drift))
    } else if !Self.isChecked(detail.application.spec) {
      self.init(
        .neutral, "Add a health check",
        "Without one, a replica gets requests before it can answer them.",
        allowed(Paths.change(.healthCheck, of: name, in: project)))
    } else {
      self.init(.good, "Nothing to do", "It runs as its newest release says.")
    }
  }

  private static func isChecked(_ spec: ApplicationSpec) -> Bool {
    switch spec.healthCheck.probe {
    case .none: false
    // Without a port there is nothing to connect to, and nothing to send to it.
    case .connect, .http, .command: true
    }
  }
}

extension Diagnosis.Field {
  /// What to do about the field.
  var cure: String {
    switch self {
    case .memoryLimit: "Raise the memory limit"
    case .memoryRequest, .cpuRequest: "Ask for less: change the \(words)"
    case .healthPath, .healthCommand, .healthCheck: "Mend the health check"
    case .registryUser: "Give the login of the registry"
    default: "Change the \(words)"
    }
  }
}
