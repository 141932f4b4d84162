import Domain
import Templates

/// The card that says whether a project's guards are on the cluster.
struct IsolationCard: Sendable {
  /// One guard.
  struct Line: Sendable {
    let title: String
    let badge: Badge
    let note: String

    var hasNote: Bool { !note.isEmpty }
  }

  /// The namespace isn't the one that BabyHelm made.
  struct Loss: Sendable {
    let text: String
    /// Where it is made again; nil for who may not, and where it can't be.
    let remake: Link?
    let label: String
  }

  let badge: Badge
  let isWhole: Bool
  /// Where pods may connect to, in a sentence.
  let egress: String
  let lines: [Line]
  let checked: RelativeTime?
  let restore: Link?
  /// What became of the namespace, and what an owner can do; nil while it is there.
  let loss: Loss?
  let refusal: DisabledButton?
  let formToken: String
}

extension IsolationCard {
  init(
    _ report: IsolationReport?, of membership: ProjectMembership, egress: Egress,
    principal: Principal, formToken: String
  ) {
    self.formToken = formToken
    self.egress = egress.sentence
    let checks = report?.checks ?? []
    lines = checks.map { check in
      switch check.verdict {
      case .works: Line(title: check.guard.title, badge: Badge(.good, "Checked"), note: "")
      case .missing(let why):
        Line(title: check.guard.title, badge: Badge(.bad, "Missing"), note: why)
      case .unknown(let why):
        Line(title: check.guard.title, badge: Badge(.neutral, "Not checked"), note: why)
      }
    }
    isWhole = report?.isWhole ?? true
    let decision = membership.decision(.restoreGuards, for: principal)
    let loss = Loss(report?.namespace ?? .there, of: membership.project.name, decision)
    self.loss = loss
    let works = checks.count { $0.verdict == .works }
    badge =
      if report == nil {
        Badge(.working, "Checking")
      } else if loss != nil {
        Badge(.bad, "The namespace is gone")
      } else if !isWhole {
        Badge(.bad, "A guard is missing")
      } else if works < checks.count {
        Badge(.neutral, "\(works) of \(checks.count) checked")
      } else {
        Badge(.good, "All guards in place")
      }
    checked = report.map { RelativeTime($0.checkedAt) }
    let isNeeded = !isWhole && loss == nil
    restore =
      isNeeded && decision.isAllowed ? Paths.projectGuards(membership.project.name) : nil
    refusal =
      isNeeded
      ? decision.reason.map {
        DisabledButton(id: "why-restore", label: "Put the guards back", reason: $0)
      } : nil
  }
}

extension Egress {
  /// Where pods may connect to, in a sentence.
  fileprivate var sentence: String {
    switch self {
    case .open: "Outgoing traffic is open: its pods may connect to any address."
    case .closed(let allowed):
      "Outgoing traffic is closed: its pods may connect to "
        + Self.list(["each other", "the cluster’s DNS"] + allowed) + " only."
    }
  }

  private static func list(_ items: [String]) -> String {
    items.dropLast().joined(separator: ", ") + " and " + (items.last ?? "")
  }
}

extension GuardCheck.Guard {
  /// What is checked, in words.
  var title: String {
    switch self {
    case .podSecurityLabel: "Pod Security level of the namespace"
    case .quota: "Quota"
    case .limits: "Default limits of containers"
    case .networkPolicy: "Network policy: no traffic from other namespaces"
    case .serviceAccount: "Pods get no token of the cluster"
    case .memberRights: "Members’ rights on the cluster"
    case .privileged: "A privileged pod is refused"
    case .hostPath: "A pod with a directory of the node is refused"
    case .hostNetwork: "A pod in the node’s network is refused"
    case .hostPID: "A pod that sees the node’s processes is refused"
    case .capability: "A pod with more capabilities is refused"
    case .overQuota: "A pod over the quota is refused"
    }
  }
}

extension IsolationCard.Loss {
  /// nil while the namespace is there.
  init?(_ standing: NamespaceStanding, of project: String, _ decision: AccessTable.Decision) {
    let path = decision.isAllowed ? Paths.projectNamespace(project) : nil
    let who = decision.isAllowed ? "" : " \(decision.reason ?? "")"
    switch standing {
    case .there: return nil
    case .gone:
      label = "Make the namespace again"
      remake = path
      text =
        "Somebody deleted the namespace “\(project)” on the cluster, and all that was in it is gone, "
        + "volumes and secret values too. BabyHelm doesn’t bring it back by itself. Make it again and "
        + "deploy the applications anew from their releases, or delete the project.\(who)"
    case .another:
      label = "Take this namespace"
      remake = path
      text =
        "The namespace “\(project)” on the cluster bears this project’s label, but isn’t the one that "
        + "BabyHelm made: a backup of the cluster may have brought it back. Nothing is written into it "
        + "until somebody takes it; its guards are then put back.\(who)"
    case .taken:
      label = ""
      remake = nil
      text =
        "A namespace “\(project)” is on the cluster that isn’t this project’s. BabyHelm leaves it "
        + "alone. Delete the project, or ask who made the namespace to remove it."
    }
  }
}
