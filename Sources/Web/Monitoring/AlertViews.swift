import Domain
import Foundation
import Templates

/// One line of a table of alerts.
struct AlertLine: Sendable {
  let badge: Badge
  let state: Badge
  let summary: String
  /// Nil where the summary says no more.
  let name: String?
  let link: Link
  let application: String
  let project: String
  let began: RelativeTime
  let lasted: String
  let release: String

  init(_ alert: Alert, silence: AlertSilence?, isAdmin: Bool) {
    badge = alert.severity.badge
    state =
      alert.state.badge
      ?? (silence == nil ? Badge(.bad, "Firing") : Badge(.neutral, "Silenced"))
    summary = alert.summary
    name = alert.name == alert.summary ? nil : alert.name
    link =
      isAdmin || alert.project == nil
      ? Paths.adminAlert(alert.id) : Paths.alert(alert.id, in: alert.project ?? "")
    application = alert.application ?? "–"
    project =
      alert.project
      ?? (alert.namespace.isEmpty ? MessageCatalogue.shown("platform") : alert.namespace)
    began = RelativeTime(alert.startedAt)
    lasted =
      alert.endedAt.map { end in
        let seconds = Int(end.timeIntervalSince(alert.startedAt))
        return seconds < 60 ? "under a minute" : UsageText.duration(seconds)
      } ?? "still"
    release = alert.release.map { "#\($0.number)" } ?? "–"
  }
}

/// One silence that holds.
struct SilenceLine: Sendable {
  let what: String
  let who: String
  let comment: String
  let until: RelativeTime
  let end: Link
  /// Why Alertmanager doesn't know; nil when it does, or needn't.
  let problem: String?

  var hasComment: Bool { !comment.isEmpty }

  init(_ silence: AlertSilence, end: Link, isAdmin: Bool) {
    let place = isAdmin && !silence.namespace.isEmpty ? " in \(silence.namespace)" : ""
    what =
      switch silence.scope {
      case .alert:
        "One alert “\(silence.name ?? "")”"
          + (silence.application.map { " of \($0)" } ?? "") + place
      case .application: "All alerts of \(silence.application ?? "")\(place)"
      case .name: "All alerts “\(silence.name ?? "")”\(place)"
      }
    who = silence.createdBy
    comment = silence.comment
    until = RelativeTime(silence.endsAt)
    self.end = end
    problem =
      silence.problem.isEmpty
      ? silence.outside == .wanted ? "Alertmanager isn’t told yet." : nil
      : "Alertmanager isn’t told yet: \(silence.problem)"
  }
}

/// The filter over a table of alerts.
struct AlertFilter: Sendable {
  let state: SelectField
  let severity: SelectField
  let application: Field
  let name: Field
  /// For admins.
  let project: Field?

  init(_ search: AlertSearch, isAdmin: Bool) {
    state = SelectField(
      "state", label: "State", options: ["": "any", "firing": "firing", "over": "over"],
      selected: search.state)
    severity = SelectField(
      "severity", label: "Severity",
      choices: [("", "any severity")] + Alert.Severity.allCases.map { ($0.rawValue, $0.rawValue) },
      selected: search.severity)
    application = Field(
      "application", label: "Application", value: search.application, isRequired: false,
      autocomplete: "off")
    name = Field(
      "name", label: "Name", value: search.name, isRequired: false, autocomplete: "off",
      placeholder: "CrashLoop")
    project =
      isAdmin
      ? Field(
        "project", label: "Project", value: search.project,
        hint: "A dash finds the platform’s own.", isRequired: false, autocomplete: "off") : nil
  }
}

/// The alerts of a project: what fires, what is silenced, and what was.
struct AlertsPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs?
  let project: String
  let cards: [AlertCard]
  let silences: [SilenceLine]
  let maySilence: Bool
  let lines: [AlertLine]
  let filter: AlertFilter
  let older: Link?
  /// What is said while none fires.
  let calm: String
  let empty: EmptyState
  /// Whether it is the first page without a filter, which also shows what fires.
  let isPlain: Bool

  var hasCards: Bool { !cards.isEmpty }
  var hasSilences: Bool { !silences.isEmpty }
  var hasLines: Bool { !lines.isEmpty }
  /// Whether there is anything to search in.
  var hasFilter: Bool { hasLines || !isPlain }

  init(
    chrome: PageChrome, _ history: AlertList, firing: AlertList, _ search: AlertSearch,
    project: String, principal: Principal
  ) {
    self.chrome = chrome
    self.project = project
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))],
      current: "Alerts")
    let membership = history.membership
    tabs = membership.map { ProjectTabs(.alerts, of: $0, for: principal) }
    let mayDeploy = membership?.decision(.deployApplications, for: principal).isAllowed ?? false
    maySilence = membership?.decision(.silenceAlerts, for: principal).isAllowed ?? false
    isPlain = search.isPlain
    cards = firing.alerts.map {
      AlertCard($0, silence: firing.silence(of: $0), mayDeploy: mayDeploy)
    }
    silences = history.silences.map {
      SilenceLine($0, end: Paths.endSilence($0.id, in: project), isAdmin: false)
    }
    lines = history.alerts.map {
      AlertLine($0, silence: history.silence(of: $0), isAdmin: false)
    }
    filter = AlertFilter(search, isAdmin: false)
    older = Self.older(history) { Paths.alerts(of: project, search.parameters + $0) }
    calm = "No alert fires in \(project) right now."
    empty = EmptyState(
      search.isPlain ? "Nothing happened yet" : "No alerts",
      search.isPlain
        ? "What goes wrong here, and when it ended, is kept on this page for a while."
        : "There was no alert that this asks for.",
      action: search.isPlain
        ? nil : ActionLink("Show everything", Paths.alerts(of: project)))
  }

  static func older(_ list: AlertList, _ link: ([(String, String)]) -> Link) -> Link? {
    guard list.alerts.count == Alerts.pageSize, let last = list.alerts.last else { return nil }
    return link([("before", AlertQuery.Cursor(last).text)])
  }
}

/// One alert, and the form that silences it.
struct AlertPage: Sendable {
  struct Label: Sendable {
    let name: String
    let value: String
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  /// Nil for who comes from the page about all alerts.
  let projectTabs: ProjectTabs?
  /// Nil on a project's own page.
  let adminTabs: AdminTabs?
  let title: String
  let card: AlertCard
  let source: String
  let heard: RelativeTime
  let labels: [Label]
  let silences: [SilenceLine]
  let errors: FormErrors?
  /// nil for who may not silence, and for what is over.
  let form: Form?
  let refusal: DisabledButton?
  let maySilence: Bool

  var hasLabels: Bool { !labels.isEmpty }
  var hasSilences: Bool { !silences.isEmpty }

  struct Form: Sendable {
    let action: Link
    let scope: SelectField
    let duration: SelectField
    let until: Field
    let comment: Field
  }

  init(
    chrome: PageChrome, _ list: AlertList, _ alert: Alert, form: SilenceForm,
    error: DomainError? = nil, principal: Principal
  ) {
    self.chrome = chrome
    let project = list.membership?.project.name
    projectTabs = list.membership.map {
      ProjectTabs(.alerts, isWithin: true, of: $0, for: principal)
    }
    adminTabs = project == nil ? AdminTabs(.alerts, isWithin: true) : nil
    title = alert.summary
    let up =
      project.map {
        [
          ActionLink("Projects", Paths.projects), ActionLink($0, Paths.project($0)),
          ActionLink("Alerts", Paths.alerts(of: $0)),
        ]
      } ?? [ActionLink("Alerts", Paths.adminAlerts())]
    breadcrumb = Breadcrumb(up, current: alert.name)
    let decision =
      list.membership?.decision(.silenceAlerts, for: principal)
      ?? AccessTable.decide(.changeSettings, of: principal)
    let mayDeploy =
      list.membership?.decision(.deployApplications, for: principal).isAllowed
      ?? (principal.role == .admin)
    maySilence = decision.isAllowed
    card = AlertCard(
      alert, silence: list.silence(of: alert), mayDeploy: mayDeploy, isAdmin: project == nil)
    source = alert.source.words
    heard = RelativeTime(alert.heardAt)
    labels = alert.labels.sorted { $0.key < $1.key }.map { Label(name: $0.key, value: $0.value) }
    silences = list.silences.filter { $0.isAbout(alert) }.map { silence in
      SilenceLine(
        silence,
        end: project.map { Paths.endSilence(silence.id, in: $0) }
          ?? Paths.adminEndSilence(silence.id),
        isAdmin: project == nil)
    }
    let errors = error.map { FormErrors($0, fields: SilenceForm.fields) }
    self.errors = errors
    self.form =
      decision.isAllowed
      ? Form(
        form.draft, alert, errors,
        action: project.map { Paths.silence(alert.id, in: $0) } ?? Paths.adminSilence(alert.id))
      : nil
    refusal = decision.reason.map {
      DisabledButton(id: "why-silence", label: "Silence", reason: $0)
    }
  }
}

extension AlertPage.Form {
  fileprivate init(
    _ draft: AlertSilenceDraft, _ alert: Alert, _ errors: FormErrors?, action: Link
  ) {
    self.action = action
    let place = alert.project == nil ? "" : " in this project"
    scope = SelectField(
      "scope", label: "What",
      choices: [("alert", "this alert")]
        + (alert.application.map { [("application", "all alerts of \($0)")] } ?? [])
        + [("name", "all alerts “\(alert.name)”\(place)")],
      selected: draft.scope)
    duration = SelectField(
      "duration", label: "For",
      options: [
        "1h": "1 hour", "8h": "8 hours", "24h": "24 hours", "7d": "7 days",
        "until": "until the time below",
      ], selected: draft.duration, error: errors?["duration"] ?? errors?["scope"])
    until = Field(
      "until", label: "Until", value: draft.until, type: "datetime-local",
      hint: "In UTC, within the next 30 days.", error: errors?["until"], isRequired: false)
    comment = Field(
      "comment", label: "Why", value: draft.comment, error: errors?["comment"],
      isRequired: false, autocomplete: "off",
      placeholder: "Known, mended with release 13", maximumLength: AlertSilenceDraft.commentLength)
  }
}
