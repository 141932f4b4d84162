import Domain
import Foundation
import Templates

/// One alert as a card: what, since when, what to do, and where to look.
struct AlertCard: Sendable {
  let badge: Badge
  /// Says that it is over, or that nobody tells of it; nil while it fires.
  let state: Badge?
  let name: String
  let summary: String
  let description: String
  let began: RelativeTime
  let ended: RelativeTime?
  /// “1.2 cores; usual is 0.4 cores.”; empty when nothing was measured.
  let measured: String
  /// The release that came before; nil without one.
  let release: Release?
  /// Who silenced it, and until when; nil when nobody did.
  let silenced: Silenced?
  let link: Link
  let application: ActionLink?
  let project: ActionLink?
  let charts: Link?
  let runbook: Link?
  let cardClass: String

  /// Whether the name says more than the summary.
  var isNamed: Bool { name != summary }
  var hasDescription: Bool { !description.isEmpty && description != summary }
  var hasLinks: Bool { release?.rollback != nil || charts != nil || runbook != nil }
  var isMeasured: Bool { !measured.isEmpty }

  struct Release: Sendable {
    let sentence: String
    let link: Link
    /// To the plan of going back; nil for who may not, and without one to go to.
    let rollback: ActionLink?
  }

  struct Silenced: Sendable {
    let sentence: String
    let until: RelativeTime
    let comment: String

    var hasComment: Bool { !comment.isEmpty }
  }

  /// - Parameters:
  ///   - mayDeploy: whether the person may roll back.
  ///   - isAdmin: whether it stands on the admins' page, and so names its project.
  init(_ alert: Alert, silence: AlertSilence?, mayDeploy: Bool, isAdmin: Bool = false) {
    badge = alert.severity.badge
    state = alert.state.badge
    name = alert.name
    summary = alert.summary
    description = alert.description
    began = RelativeTime(alert.startedAt)
    ended = alert.endedAt.map { RelativeTime($0) }
    measured = Self.measured(alert)
    silenced = silence.map(Silenced.init)
    let (project, application) = (alert.project, alert.application)
    link =
      isAdmin || project == nil
      ? Paths.adminAlert(alert.id) : Paths.alert(alert.id, in: project ?? "")
    self.project = isAdmin ? project.map { ActionLink($0, Paths.alerts(of: $0)) } : nil
    if let project, let application {
      self.application = ActionLink(application, Paths.application(application, in: project))
      charts = Paths.charts(of: application, in: project, alert.chart)
      release = alert.release.map {
        Release($0, alert, application, in: project, mayDeploy: mayDeploy)
      }
    } else {
      self.application = nil
      charts = nil
      release = nil
    }
    runbook = alert.runbook.flatMap { Link(url: $0) }
    cardClass =
      silence != nil || !alert.isFiring || alert.severity == .info
      ? "" : alert.severity == .critical ? "card-bad" : "card-warning"
  }

  private static func measured(_ alert: Alert) -> String {
    switch (alert.seen, alert.usual) {
    case (let seen?, let usual?): "\(seen) now; usual at this hour is \(usual)."
    case (let seen?, nil): "\(seen) now."
    default: ""
    }
  }
}

extension AlertCard.Release {
  fileprivate init(
    _ release: PrecedingRelease, _ alert: Alert, _ application: String, in project: String,
    mayDeploy: Bool
  ) {
    let seconds = Int(alert.startedAt.timeIntervalSince(release.createdAt))
    let change = release.change.isEmpty ? "" : ": \(release.change)"
    sentence =
      "\(alert.beginning) \(Self.distance(seconds)) release #\(release.number)\(change)."
    link = Paths.release(release.number, of: application, in: project)
    rollback =
      mayDeploy && alert.isFiring
      ? release.previous.map {
        ActionLink(
          "Roll back to release #\($0)", Paths.rollback(to: $0, of: application, in: project))
      } : nil
  }

  /// “4 min after”, “right after”
  private static func distance(_ seconds: Int) -> String {
    seconds < 60 ? "right after" : "\(UsageText.duration(seconds)) after"
  }
}

extension AlertCard.Silenced {
  init(_ silence: AlertSilence) {
    let what =
      switch silence.scope {
      case .alert: "This alert is silenced"
      case .application: "All alerts of \(silence.application ?? "this application") are silenced"
      case .name: "All alerts “\(silence.name ?? "")” are silenced"
      }
    sentence = silence.createdBy.isEmpty ? what : "\(what) by \(silence.createdBy)"
    until = RelativeTime(silence.endsAt)
    comment = silence.comment
  }
}

extension Alert {
  /// How the sentence about the release before it begins.
  fileprivate var beginning: String {
    let isLow = labels["direction"] == "low"
    return switch name {
    case "AnomalyErrors", "ManyErrors": "Errors rose"
    case "AnomalyCPU": isLow ? "CPU use fell" : "CPU use rose"
    case "AnomalyMemory", "NearMemoryLimit": "Memory use rose"
    case "AnomalyRequests": isLow ? "Requests fell" : "Requests rose"
    case "CrashLoop": "The crashes began"
    default: "This began"
    }
  }

  /// The chart that shows it best; nil when none does.
  fileprivate var chart: MetricChart.Kind? {
    switch name {
    case "AnomalyCPU": .cpu
    case "CPUThrottled": .throttling
    case "AnomalyMemory", "NearMemoryLimit", "OutOfMemory": .memory
    case "AnomalyRequests": .requests
    case "AnomalyErrors", "ManyErrors": .errors
    case "CrashLoop": .restarts
    case "ApplicationNotAvailable", "ReplicasMissing", "AutoscalerAtMaximum": .replicas
    case "VolumeFilling", "VolumeFull", "VolumeFullSoon", "VolumeOutOfFiles": .volumes
    default: nil
    }
  }
}

extension Alert.Severity {
  var badge: Badge {
    switch self {
    case .critical: Badge(.bad, "Critical")
    case .warning: Badge(.warning, "Warning")
    case .info: Badge(.neutral, "Info")
    }
  }
}

extension Alert.State {
  /// nil while it fires.
  var badge: Badge? {
    switch self {
    case .firing: nil
    case .resolved: Badge(.good, "Over")
    case .expired: Badge(.neutral, "Not heard of any more")
    }
  }
}

extension Alert.Source {
  var words: String {
    switch self {
    case .cluster: "BabyHelm, from the cluster"
    case .rules: "BabyHelm, from Prometheus"
    case .alertmanager: "Alertmanager"
    }
  }
}

/// What fires, on a page about something else.
struct FiringAlerts: Sendable {
  /// How many are shown there; the alerts' own page has all.
  static let shown = 5

  let title: String
  let cards: [AlertCard]
  /// “and 3 more”; empty when all are shown.
  let more: String
  let all: Link

  var hasCards: Bool { !cards.isEmpty }
  var hasMore: Bool { !more.isEmpty }
}

extension FiringAlerts {
  init(_ list: AlertList, in project: String, title: String, principal: Principal) {
    self.title = title
    let mayDeploy =
      list.membership?.decision(.deployApplications, for: principal).isAllowed ?? false
    // What is silenced is known; it stands on the alerts' own page.
    let heard = list.alerts.filter { list.silence(of: $0) == nil }
    cards = heard.prefix(Self.shown).map {
      AlertCard($0, silence: nil, mayDeploy: mayDeploy)
    }
    let silenced = list.alerts.count - heard.count
    let rest = heard.count - cards.count
    more = [
      rest > 0 ? "\(rest) more" : "", silenced > 0 ? "\(silenced) silenced" : "",
    ].filter { !$0.isEmpty }.joined(separator: ", ")
    all = Paths.alerts(of: project)
  }
}
