public import struct Foundation.Date

/// Whether a project's guards are on the cluster, as it was asked at one time
/// (docs/design.md §5).
public struct IsolationReport: Sendable, Hashable {
  /// What was found about each guard, in the order people read them.
  public let checks: [GuardCheck]
  public let checkedAt: Date
  /// Whether there is a namespace to guard.
  public var namespace = NamespaceStanding.there

  /// Whether no guard is missing.
  public var isWhole: Bool {
    !checks.contains { if case .missing = $0.verdict { true } else { false } }
  }

  /// The same for who only looks at a demo: what is wrong with members' rights
  /// names them.
  func withoutPeople() -> IsolationReport {
    IsolationReport(
      checks: checks.map { check in
        guard check.guard == .memberRights, case .missing = check.verdict else { return check }
        return GuardCheck(
          guard: .memberRights, verdict: .missing("Some member's rights aren't as they should be."))
      }, checkedAt: checkedAt, namespace: namespace)
  }
}

/// Whether a project's namespace is on the cluster.
public enum NamespaceStanding: Sendable, Hashable {
  /// The one that BabyHelm made.
  case there
  /// Somebody deleted it there.
  case gone
  /// It bears the project's label and isn't the one that BabyHelm made: brought
  /// back by a backup of the cluster, or left by an attempt to make it again.
  case another
  /// Somebody else's has its name.
  case taken
}

/// What was found about one guard.
public struct GuardCheck: Sendable, Hashable {
  public enum Verdict: Sendable, Hashable {
    /// The guard is as BabyHelm made it, or refused what it must refuse.
    case works
    /// It is gone or was changed, or let something through; a sentence says what.
    case missing(String)
    /// The cluster couldn't be asked; a sentence says why.
    case unknown(String)
  }

  /// What is checked.
  public enum Guard: Sendable, Hashable, CaseIterable {
    // Objects as BabyHelm made them.
    case podSecurityLabel, quota, limits, networkPolicy, serviceAccount, memberRights
    // Pods that must be refused.
    case privileged, hostPath, hostNetwork, hostPID, capability, overQuota
  }

  public let `guard`: Guard
  public let verdict: Verdict
}
