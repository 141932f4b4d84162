/// Of what somebody gets mails.
public struct MailChoice: Sendable, Hashable {
  /// Which alerts.
  public enum AlertChoice: String, Sendable, CaseIterable {
    case none, critical, all
  }

  /// Which of the other events.
  public enum ReleaseChoice: String, Sendable, CaseIterable {
    case none, failed, all
  }

  public var alerts: AlertChoice
  public var releases: ReleaseChoice

  public init(alerts: AlertChoice, releases: ReleaseChoice) {
    self.alerts = alerts
    self.releases = releases
  }

  public static let nothing = MailChoice(alerts: .none, releases: .none)

  /// What counts until somebody chooses: who may act on it is told of what
  /// can't wait; who only looks is told nothing.
  static func standard(for role: ProjectRole) -> MailChoice {
    role >= .editor ? MailChoice(alerts: .critical, releases: .none) : .nothing
  }

  /// Whether a notice is wanted.
  func wants(_ notice: Notice) -> Bool {
    if notice.kind.isAlert {
      switch alerts {
      case .none: return false
      case .critical: return notice.severity == .critical
      case .all: return true
      }
    }
    switch releases {
    case .none: return false
    case .failed: return notice.kind == .releaseFailed
    case .all: return true
    }
  }
}

extension MailChoice.AlertChoice: SQLCodable {}
extension MailChoice.ReleaseChoice: SQLCodable {}

/// What a form or a call says about mails; empty where nothing is chosen.
public struct MailChoiceDraft: Sendable, Hashable {
  public static let fields = ["alerts", "releases"]

  /// One of ``MailChoice/AlertChoice``.
  public var alerts: String
  /// One of ``MailChoice/ReleaseChoice``.
  public var releases: String

  public init(alerts: String, releases: String) {
    self.alerts = alerts
    self.releases = releases
  }

  /// - Throws: `invalid` with fields.
  func validated() throws(DomainError) -> MailChoice {
    guard let alerts = MailChoice.AlertChoice(rawValue: alerts) else {
      throw DomainError.invalid([
        FieldError("alerts", "Choose one of none, critical and all.")
      ])
    }
    guard let releases = MailChoice.ReleaseChoice(rawValue: releases) else {
      throw DomainError.invalid([
        FieldError("releases", "Choose one of none, failed and all.")
      ])
    }
    return MailChoice(alerts: alerts, releases: releases)
  }
}

/// What somebody gets mails of, and from where that comes.
public struct MailSettings: Sendable, Hashable {
  /// What counts.
  public let effective: MailChoice
  /// What they chose for this project; nil when what they chose for all counts.
  /// Of the settings for all projects: what they chose; nil for the standard.
  public let own: MailChoice?
  /// Whether there is a mail server at all.
  public let isPossible: Bool
  /// Where mails go.
  public let address: String
}
