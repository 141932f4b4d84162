public import struct Foundation.Date

/// Something that is, or was, wrong, from its beginning to its end. An alert
/// that begins again later is another one.
public struct Alert: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<Alert>

  /// How much it matters, by the label `severity`.
  public enum Severity: String, Sendable, CaseIterable, SQLCodable {
    /// People are let down by it now.
    case critical
    /// It wants attention within a day.
    case warning
    /// Good to know.
    case info

    /// The word of a rule or of Alertmanager. What isn't known counts as a
    /// warning, so that a typing mistake in a rule hides nothing.
    public init(word: String) {
      switch word.lowercased() {
      case "critical", "page", "error", "emergency", "high": self = .critical
      case "info", "none", "low", "notice": self = .info
      default: self = .warning
      }
    }
  }

  public enum State: String, Sendable, CaseIterable, SQLCodable {
    case firing
    /// Who told of it said that it is over.
    case resolved
    /// Who told of it fell silent, so nobody knows.
    case expired
  }

  /// Who says so. A later one in this list is believed over an earlier one that
  /// tells of the same.
  public enum Source: String, Sendable, CaseIterable, SQLCodable, Comparable {
    /// BabyHelm itself, from the live picture of the cluster and its releases.
    case cluster
    /// BabyHelm itself, which asked Prometheus by the alert rules.
    case rules
    /// Alertmanager, at the webhook.
    case alertmanager

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  public let id: ID
  /// Tells what is alerted of apart: equal for the same labels of one source.
  public let fingerprint: String
  /// The rule's name, `CrashLoop`, at most 100 characters.
  public let name: String
  public let severity: Severity
  public let source: Source
  public let state: State
  /// nil for what concerns the whole platform, or a namespace that is no
  /// project's.
  public let projectID: Project.ID?
  /// The project's name; nil as ``projectID``.
  public let project: String?
  /// The namespace as it was told; empty without one.
  public let namespace: String
  /// The application's name; nil when it isn't about one.
  public let application: String?
  /// What is wrong, one line of at most 300 characters.
  public let summary: String
  /// More of it, and what to do, at most 2,000 characters; may be empty.
  public let description: String
  /// Where to read on, an `http` or `https` address; nil without one.
  public let runbook: String?
  /// What was measured, as `1.2 cores`; nil where nobody said.
  public let seen: String?
  /// What is usual, in the same words; nil where nobody said.
  public let usual: String?
  /// At most 30, with values of at most 300 characters.
  public let labels: [String: String]
  public let startedAt: Date
  /// nil while it is firing.
  public let endedAt: Date?
  /// When somebody last told of it.
  public let heardAt: Date
  /// The release that came shortly before it; nil without one.
  public let release: PrecedingRelease?

  public var isFiring: Bool { state == .firing }
}
