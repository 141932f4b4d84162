public import struct Foundation.Date

/// Somebody's word that alerts are known and needn't be told of for a while.
public struct AlertSilence: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<AlertSilence>

  /// How much is silenced.
  public enum Scope: String, Sendable, CaseIterable, SQLCodable {
    /// This very alert, also when it begins again.
    case alert
    /// All alerts about one application.
    case application
    /// All alerts of one name in the project.
    case name
  }

  /// Whether Alertmanager knows of it.
  public enum Outside: String, Sendable, CaseIterable, SQLCodable {
    /// It isn't to know.
    case none
    /// It is to know, and doesn't yet.
    case wanted
    case there
    /// It was removed there.
    case gone
  }

  public let id: ID
  /// nil for one of the platform's.
  public let projectID: Project.ID?
  /// The project's name, or the namespace it is about; may be empty.
  public let namespace: String
  public let scope: Scope
  /// Of the alert, for ``Scope/alert``.
  public let fingerprint: String?
  /// For ``Scope/application``, and of the alert for ``Scope/alert``.
  public let application: String?
  /// For ``Scope/name``, and of the alert for ``Scope/alert``.
  public let name: String?
  /// Labels and the values that Alertmanager compares them with, exactly.
  public let matchers: [String: String]
  /// Why; may be empty.
  public let comment: String
  /// Who silenced; empty for who may not see the people.
  public let createdBy: String
  public let createdAt: Date
  public let endsAt: Date
  /// When somebody ended it early; nil otherwise.
  public let endedAt: Date?
  /// Who did; empty when nobody did.
  public let endedBy: String
  public let outside: Outside
  /// What Alertmanager calls it; nil while it doesn't know.
  let outsideID: String?
  /// Why Alertmanager doesn't know of it yet; empty when nothing is wrong.
  public let problem: String

  /// Whether it holds at a time.
  public func isActive(at time: Date) -> Bool { endedAt == nil && time < endsAt }

  /// Whether it is about an alert.
  public func isAbout(_ alert: Alert) -> Bool {
    guard alert.projectID == projectID else { return false }
    switch scope {
    case .alert: return isAboutThis(alert)
    case .application: return alert.application != nil && alert.application == application
    case .name:
      return alert.name == name && (projectID != nil || alert.namespace == namespace)
    }
  }

  /// Whether it is the alert that was silenced, whoever tells of it now. One that
  /// is worse nobody has silenced.
  private func isAboutThis(_ alert: Alert) -> Bool {
    guard alert.name == name, alert.application == application,
      alert.severity.rank >= Alert.Severity(word: matchers["severity"] ?? "").rank
    else { return false }
    return alert.application != nil
      || (alert.project ?? alert.namespace) == namespace
        && AlertSubject.labels(alert.labels) == AlertSubject.labels(matchers)
  }

  /// The same without the names of people.
  func withoutPeople() -> AlertSilence {
    AlertSilence(
      id: id, projectID: projectID, namespace: namespace, scope: scope, fingerprint: fingerprint,
      application: application, name: name, matchers: matchers, comment: "", createdBy: "",
      createdAt: createdAt, endsAt: endsAt, endedAt: endedAt, endedBy: "", outside: outside,
      outsideID: outsideID, problem: problem)
  }
}

/// What a person typed to silence something.
public struct AlertSilenceDraft: Sendable, Hashable {
  /// `1h`, `8h`, `24h`, `7d`, or `until`.
  public var duration: String
  /// For `until`: RFC 3339, or `2026-11-26T18:00` in UTC as browsers send it.
  public var until: String
  public var scope: String
  public var comment: String

  /// The durations to choose from, and their lengths in seconds.
  public static let durations: [(word: String, seconds: Double)] = [
    ("1h", 3_600), ("8h", 8 * 3_600), ("24h", 24 * 3_600), ("7d", 7 * 24 * 3_600),
  ]
  /// How long a silence may be, in seconds: 30 days.
  public static let longest: Double = 30 * 24 * 3_600
  /// How long a comment may be, in characters.
  public static let commentLength = 300

  public init(
    scope: String = "alert", duration: String = "1h", until: String = "", comment: String = ""
  ) {
    self.scope = scope
    self.duration = duration
    self.until = until
    self.comment = comment
  }

  /// - Throws: `invalid` at `scope`, `duration`, `until` or `comment`.
  func validated(
    about alert: Alert, at time: Date
  ) throws(DomainError) -> (scope: AlertSilence.Scope, endsAt: Date, comment: String) {
    var mistakes: [FieldError] = []
    let scope = AlertSilence.Scope(rawValue: scope)
    if scope == nil {
      mistakes.append(FieldError("scope", "Choose what is to be silent."))
    } else if scope == .application, alert.application == nil {
      mistakes.append(FieldError("scope", "This alert isn't about an application."))
    }
    let endsAt = end(at: time, &mistakes)
    let comment = AlertText.line(comment, Self.commentLength + 1)
    if comment.unicodeScalars.count > Self.commentLength {
      mistakes.append(
        FieldError("comment", "A comment has at most \(Self.commentLength) characters."))
    }
    guard mistakes.isEmpty, let scope, let endsAt else { throw .invalid(mistakes) }
    return (scope, endsAt, comment)
  }

  private func end(at time: Date, _ mistakes: inout [FieldError]) -> Date? {
    if let fixed = Self.durations.first(where: { $0.word == duration }) {
      return time.addingTimeInterval(fixed.seconds)
    }
    guard duration == "until" else {
      mistakes.append(FieldError("duration", "Choose for how long."))
      return nil
    }
    // What browsers send has no seconds and no zone.
    let written = until.utf8.count == 16 ? until + ":00Z" : until
    guard let end = LogTime(written)?.date else {
      mistakes.append(FieldError("until", "Say until when, like 2026-11-26T18:00 (UTC)."))
      return nil
    }
    guard end > time, end <= time.addingTimeInterval(Self.longest) else {
      mistakes.append(FieldError("until", "A silence ends within the next 30 days."))
      return nil
    }
    return end
  }
}
