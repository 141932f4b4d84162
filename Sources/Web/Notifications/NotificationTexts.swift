import Domain

extension Notice.Kind {
  /// What a checkbox says.
  var label: String {
    switch self {
    case .releaseStarted: "A release is being deployed"
    case .releaseSucceeded: "A release succeeded"
    case .releaseFailed: "A release failed"
    case .releaseRolledBack: "An application goes back to an earlier release"
    case .releaseCancelled: "A release was cancelled"
    case .applicationDeleted: "An application was deleted"
    case .applicationRestored: "An application was restored"
    case .alertBegan: "An alert began"
    case .alertEnded: "An alert ended"
    }
  }
}

extension MailChoice.AlertChoice {
  var label: String {
    switch self {
    case .none: "none"
    case .critical: "critical ones"
    case .all: "all"
    }
  }
}

extension MailChoice.ReleaseChoice {
  var label: String {
    switch self {
    case .none: "none"
    case .failed: "releases that failed"
    case .all: "all: also deletions, rollbacks and what succeeded"
    }
  }
}

extension MailChoice {
  /// "critical alerts and releases that failed"
  var sentence: String {
    let parts = [
      alerts == .none ? nil : alerts == .all ? "all alerts" : "critical alerts",
      releases == .none
        ? nil : releases == .all ? "everything about releases" : "releases that failed",
    ].compactMap(\.self)
    return parts.isEmpty ? "nothing" : parts.joined(separator: " and ")
  }
}

extension Webhook {
  var badge: Badge {
    if isPaused, !pauseReason.isEmpty { return Badge(.bad, "Paused by itself") }
    if isPaused { return Badge(.neutral, "Paused") }
    return failingSince == nil ? Badge(.good, "Enabled") : Badge(.warning, "Failing")
  }
}

extension WebhookDelivery {
  var badge: Badge {
    switch state {
    case .waiting: attempts.isEmpty ? Badge(.working, "Waiting") : Badge(.warning, "Tried again")
    case .delivered: Badge(.good, "Delivered")
    case .failed: Badge(.bad, "Failed")
    case .leftOut: Badge(.neutral, "Left out")
    }
  }

  /// How the last attempt went, in words.
  var result: String {
    guard let last = attempts.last else { return "Not sent yet." }
    if !last.error.isEmpty { return last.error }
    return "It answered \(last.status ?? 200) after \(last.milliseconds) ms."
  }
}
