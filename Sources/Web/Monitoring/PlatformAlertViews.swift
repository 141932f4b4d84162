import Domain
import Templates

/// All alerts, how they come in, and what is wrong with that.
struct PlatformAlertsPage: Sendable {
  struct Line: Sendable {
    let badge: Badge
    let text: String
    /// What to start BabyHelm with, after the text.
    var flags: [String] = []
    let time: RelativeTime?
  }

  struct Token: Sendable {
    let secret: CodeBlock
    let configuration: CodeBlock
  }

  let chrome: PageChrome
  let tabs = AdminTabs(.alerts)
  let states: [Line]
  let problems: [String]
  /// What was made a moment ago.
  let made: Token?
  let hook: String
  let hasToken: Bool
  let makeLabel: String
  let make = Paths.adminAlertToken
  let revoke = Paths.adminAlertTokenRevocation
  let lines: [AlertLine]
  let silences: [SilenceLine]
  let filter: AlertFilter
  let older: Link?
  let empty: EmptyState

  var hasProblems: Bool { !problems.isEmpty }
  var hasLines: Bool { !lines.isEmpty }
  var hasSilences: Bool { !silences.isEmpty }

  init(
    chrome: PageChrome, _ list: AlertList, _ status: AlertIntakeStatus, _ search: AlertSearch,
    made: String?, hook: String
  ) {
    self.chrome = chrome
    self.hook = hook
    states = Self.states(status)
    problems = status.problems
    hasToken = status.hasToken
    makeLabel = status.hasToken ? "Make another token" : "Make a token"
    self.made = made.map { Token($0, hook: hook) }
    lines = list.alerts.map { AlertLine($0, silence: list.silence(of: $0), isAdmin: true) }
    silences = list.silences.map {
      SilenceLine($0, end: Paths.adminEndSilence($0.id), isAdmin: true)
    }
    filter = AlertFilter(search, isAdmin: true)
    older = AlertsPage.older(list) { Paths.adminAlerts(search.parameters + $0) }
    empty = EmptyState(
      search.isPlain ? "Nothing happened yet" : "No alerts",
      search.isPlain
        ? "Alerts of all projects and of the platform come here."
        : "There was no alert that this asks for.",
      action: search.isPlain ? nil : ActionLink("Show everything", Paths.adminAlerts()))
  }

  private static func states(_ status: AlertIntakeStatus) -> [Line] {
    var lines: [Line] = []
    let heard = status.heardAt.map { RelativeTime($0) }
    if status.isHeard {
      lines.append(
        Line(badge: Badge(.good, "Alertmanager"), text: "It was last heard", time: heard))
    } else if heard != nil {
      lines.append(
        Line(
          badge: Badge(.warning, "Alertmanager"),
          text: "It is silent, so BabyHelm looks itself. It was last heard", time: heard))
    } else {
      lines.append(
        Line(
          badge: Badge(.neutral, "Alertmanager"),
          text: status.hasToken || status.hasTokenFile
            ? "It hasn’t sent anything yet." : "It can’t send anything: there is no token.",
          time: nil))
    }
    let evaluated = status.evaluatedAt.map { RelativeTime($0) }
    let isOff = status.isHeard ? " They rest while Alertmanager sends." : ""
    lines.append(
      Line(
        badge: Badge(status.isHeard ? .neutral : .good, "The cluster"),
        text:
          "BabyHelm alerts of what it sees itself: crashes, memory, missing pods, failed deploys.\(isOff) It last looked",
        time: evaluated))
    if let rules = status.rules {
      let isBad = !status.problems.isEmpty
      lines.append(
        Line(
          badge: Badge(isBad ? .bad : status.isHeard ? .neutral : .good, "Prometheus"),
          text: "BabyHelm asks it \(rules == 1 ? "1 alert rule" : "\(rules) alert rules").\(isOff)",
          time: nil))
    } else {
      lines.append(
        Line(
          badge: Badge(.neutral, "Prometheus"),
          text: "BabyHelm asks it nothing. It and the rules are named with",
          flags: ["--prometheus-url", "--alert-rules"], time: nil))
    }
    if status.leftOut > 0 {
      lines.append(
        Line(
          badge: Badge(.warning, "Too many"),
          text:
            "\(Pagination.grouped(status.leftOut)) alerts didn’t fit: at most 200 of a project fire at once. The last one",
          time: status.leftOutAt.map { RelativeTime($0) }))
    }
    lines.append(
      Line(
        badge: Badge(status.tellsSilences ? .good : .neutral, "Silences"),
        text: status.tellsSilences
          ? "They are told to Alertmanager, too."
          : "They hold in BabyHelm alone. Alertmanager learns of them with",
        flags: status.tellsSilences ? [] : ["--alertmanager-url"], time: nil))
    return lines
  }
}

extension PlatformAlertsPage.Token {
  fileprivate init(_ secret: String, hook: String) {
    self.secret = CodeBlock(id: "token", caption: "Token", text: secret)
    configuration = CodeBlock(
      id: "receiver", caption: "alertmanager.yml",
      text: """
        receivers:
          - name: babyhelm
            webhook_configs:
              - url: \(hook)
                send_resolved: true
                http_config:
                  authorization:
                    credentials_file: /etc/alertmanager/babyhelm-token
        """)
  }
}
