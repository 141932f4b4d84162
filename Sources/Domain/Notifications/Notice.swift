public import struct Foundation.Date

/// Something that happened in a project and that people may want to be told
/// of: what, to what, when, and where more is to be seen. Never a secret value.
public struct Notice: Sendable, Hashable, Codable {
  /// What happened, in words that never change: webhooks name them, and
  /// programs tell them apart (docs/webhooks.md).
  public enum Kind: String, Sendable, CaseIterable, Codable {
    /// A release was stored, and a worker deploys it.
    case releaseStarted = "release.started"
    /// Its pods serve.
    case releaseSucceeded = "release.succeeded"
    /// It ended without all replicas available.
    case releaseFailed = "release.failed"
    /// A release that goes back to an earlier one was stored.
    case releaseRolledBack = "release.rolled_back"
    /// Somebody ended a rollout that was under way.
    case releaseCancelled = "release.cancelled"
    /// An application was deleted; it can be restored for a week.
    case applicationDeleted = "application.deleted"
    /// A deleted application was brought back.
    case applicationRestored = "application.restored"
    /// An alert began to fire.
    case alertBegan = "alert.began"
    /// An alert ended.
    case alertEnded = "alert.ended"

    /// Whether it is about an alert.
    public var isAlert: Bool { self == .alertBegan || self == .alertEnded }
  }

  /// How much it matters.
  public enum Severity: String, Sendable, CaseIterable, Codable {
    case info, warning, critical

    /// 0 for the least.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Where more is to be seen; `Web` knows the address.
  public enum Place: Sendable, Hashable, Codable {
    case project
    case application(String)
    case release(Int, of: String)
    /// The project's alerts.
    case alerts
    /// One alert of the project, by its id.
    case alert(String)
  }

  /// A detail, by its name.
  public struct Fact: Sendable, Hashable, Codable {
    public var name: String
    public var value: String

    /// - Parameters:
    ///   - name: at most 60 characters are kept.
    ///   - value: at most 500 characters are kept.
    public init(_ name: String, _ value: String) {
      self.name = String(name.prefix(60))
      self.value = String(value.prefix(500))
    }
  }

  public var kind: Kind
  public var projectID: Project.ID
  /// The project's name.
  public var project: String
  /// The application's name; nil for what concerns the whole project.
  public var application: String?
  /// The release's number, where it is about one.
  public var release: Int?
  public var severity: Severity
  /// What stays the same while it is about the same thing, whoever tells of it:
  /// what an alert is about, a release's id. Of an alert that goes on, people
  /// aren't told again within an hour, unless it got worse.
  public var subject: String
  /// Tells this event from every other one with the same kind and subject, such
  /// as when an alert began; an event that is recorded twice is told once.
  public var occurrence: String
  /// What happened, to what: one line, at most 200 characters are kept.
  public var title: String
  /// More of it, as plain text; at most 2,000 characters are kept.
  public var text: String
  public var place: Place
  public var time: Date
  /// At most 20 are kept.
  public var facts: [Fact]

  public init(
    _ kind: Kind, projectID: Project.ID, project: String, application: String? = nil,
    release: Int? = nil, severity: Severity = .info, subject: String, occurrence: String = "",
    title: String, text: String = "", place: Place, time: Date, facts: [Fact] = []
  ) {
    self.kind = kind
    self.projectID = projectID
    self.project = project
    self.application = application
    self.release = release
    self.severity = severity
    self.subject = subject
    self.occurrence = occurrence
    self.title = Self.oneLine(title, limit: 200)
    self.text = String(text.prefix(2_000))
    self.place = place
    self.time = time
    self.facts = Array(facts.prefix(20))
  }

  /// Without line breaks and control characters, whoever wrote the name in it.
  private static func oneLine(_ text: String, limit: Int) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control
        || scalar.properties.generalCategory == .lineSeparator
        || scalar.properties.generalCategory == .paragraphSeparator ? " " : scalar
    }
    return String(String.UnicodeScalarView(scalars).prefix(limit))
  }
}
