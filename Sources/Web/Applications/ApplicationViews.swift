import Domain
import Templates

/// What all pages of an application have on top.
struct ApplicationHeader: Sendable {
  let name: String
  let breadcrumb: Breadcrumb
  let tabs: [Tab]

  /// - Parameters:
  ///   - current: the text of the current tab.
  ///   - further: a page below that tab's.
  init(_ detail: ApplicationDetail, current: String, further: String? = nil) {
    let project = detail.membership.project.name
    name = detail.application.name
    let own = Paths.application(name, in: project)
    let up = [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))]
    let releases = Paths.application(name, in: project, .releases)
    if current == "Status" {
      breadcrumb = Breadcrumb(up, current: name)
    } else if let further {
      breadcrumb = Breadcrumb(
        up + [ActionLink(name, own), ActionLink(current, releases)], current: further)
    } else {
      breadcrumb = Breadcrumb(up + [ActionLink(name, own)], current: current)
    }
    tabs = [
      Tab(text: "Status", link: own, isCurrent: current == "Status"),
      Tab(text: "Releases", link: releases, isCurrent: current == "Releases"),
      Tab(
        text: "Metrics", link: Paths.metrics(of: name, in: project),
        isCurrent: current == "Metrics"),
      Tab(
        text: "Logs", link: Paths.application(name, in: project, .logs),
        isCurrent: current == "Logs"),
      Tab(
        text: "Events", link: Paths.application(name, in: project, .events),
        isCurrent: current == "Events"),
      Tab(
        text: "Manifests", link: Paths.application(name, in: project, .manifests),
        isCurrent: current == "Manifests"),
      Tab(
        text: "Drift", link: Paths.application(name, in: project, .drift),
        isCurrent: current == "Drift"),
      Tab(
        text: "Settings", link: Paths.application(name, in: project, .settings),
        isCurrent: current == "Settings"),
    ]
  }
}

/// One application.
struct ApplicationShowPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let image: String
  let live: Link
  let status: ApplicationLive
  let facts: [SpecificationFacts.Line]
  let change: Link?
  let refusal: DisabledButton?
  let actions: ApplicationActions?
  let grafana: GrafanaPanel?

  init(
    chrome: PageChrome, _ detail: ApplicationDetail, history: [ReleaseSummary],
    diagnosis: Diagnosis?, drift: DriftReport?, alerts: FiringAlerts,
    glance: Glance? = nil, grafana: GrafanaPanel? = nil,
    principal: Principal
  ) {
    self.chrome = chrome
    self.grafana = grafana
    let project = detail.membership.project.name
    let name = detail.application.name
    header = ApplicationHeader(detail, current: "Status")
    image = detail.application.spec.image.text
    live = Paths.application(name, in: project, .live)
    status = ApplicationLive(
      detail, history: history, diagnosis: diagnosis, drift: drift, alerts: alerts,
      glance: glance, formToken: chrome.formToken, principal: principal)
    facts = SpecificationFacts.lines(of: detail.application.spec)
    let decision = detail.membership.decision(.deployApplications, for: principal)
    change = decision.isAllowed ? Paths.application(name, in: project, .edit) : nil
    refusal = decision.reason.map { DisabledButton(id: "why-change", label: "Change", reason: $0) }
    actions =
      decision.isAllowed
      ? ApplicationActions(detail, token: chrome.formToken) : nil
  }
}

/// The part of an application's page that updates by itself.
struct ApplicationLive: Sendable {
  /// One pod.
  struct Pod: Sendable {
    let name: String
    let badge: Badge
    let note: String
    let restarts: String
    let node: String
    let created: RelativeTime?
    /// What it wrote, or wrote before it ended.
    let logs: Link
    let logsText: String
    /// “new” or “old” while a release is on its way; empty otherwise.
    var group = ""

    var hasGroup: Bool { !group.isEmpty }
    var hasNode: Bool { !node.isEmpty }
    var hasNote: Bool { !note.isEmpty }
  }

  /// One step of the newest release.
  struct Step: Sendable {
    let text: String
    let detail: String
    let isDone: Bool
    let isCurrent: Bool
    let isFailed: Bool
  }

  let badge: Badge
  let next: NextStep
  let replicas: String
  let replicasNote: String
  /// When the newest release was made, and by whom.
  let deployed: RelativeTime?
  let deployedBy: String
  /// How people reach it first of all; nil where nothing does.
  let mainAddress: AddressLine?
  let addresses: [AddressLine]
  let checkAction: Link
  let formToken: String
  let problem: Problem?
  let drift: DriftNotice?
  /// What it used lately; nil without a Prometheus.
  let glance: Glance?
  let alerts: FiringAlerts
  let pods: [Pod]
  let releases: [ReleaseRow]
  let allReleases: Link
  /// Whether a release is on its way, for the buttons that make sense only then.
  let isRollingOut: Bool
  let isPaused: Bool
  let steps: [Step]
  let rollout: RolloutView?
  let release: String
  /// What a screen reader hears when something changed.
  let announcement: String

  /// Whether what is wrong is told, with its reason.
  var hasProblem: Bool { problem != nil }
  var hasPods: Bool { !pods.isEmpty }
  var hasAuthor: Bool { !deployedBy.isEmpty }
  var hasAddresses: Bool { !addresses.isEmpty }
  var hasSteps: Bool { !steps.isEmpty }

  init(
    _ detail: ApplicationDetail, history: [ReleaseSummary], diagnosis: Diagnosis?,
    drift: DriftReport?, alerts: FiringAlerts, glance: Glance? = nil, formToken: String,
    principal: Principal
  ) {
    let (name, project) = (detail.application.name, detail.membership.project.name)
    self.formToken = formToken
    self.alerts = alerts
    checkAction = Paths.application(name, in: project, .address)
    let status = detail.status
    badge = Self.badge(status, newest: history.first)
    replicas = "\(status.ready)/\(status.desired)"
    replicasNote =
      status.autoscaler.map { "autoscaled, \($0.minimum) to \($0.maximum)" }
      ?? (status.updated < status.desired ? "\(status.updated) of the newest release" : "ready")
    addresses = AddressLine.lines(of: detail)
    mainAddress = addresses.last { $0.link != nil }
    deployed = history.first.map { RelativeTime($0.createdAt) }
    deployedBy = history.first?.authorName ?? ""
    problem = diagnosis.map { Problem($0, of: detail, for: principal) }
    next = NextStep(
      detail, history: history, diagnosis: diagnosis,
      hasDrift: DriftNotice(drift, of: name, in: project) != nil,
      alerts: alerts,
      mayDeploy: detail.membership.decision(.deployApplications, for: principal).isAllowed)
    self.glance = glance
    self.drift = DriftNotice(drift, of: name, in: project)
    let progress = history.first.map { detail.progress(of: $0) }
    rollout = progress.map(RolloutView.init)
    let newPods = Set((progress?.new ?? []).map(\.name))
    let isMixed = progress.map { !$0.release.state.isFinal && !$0.old.isEmpty } ?? false
    pods = status.pods.map { pod in
      var line = Pod(pod, of: name, in: project)
      if isMixed { line.group = newPods.contains(pod.name) ? "new" : "old" }
      return line
    }
    releases = history.map { ReleaseRow($0, of: name, in: project, mayDeploy: false) }
    allReleases = Paths.application(name, in: project, .releases)
    isRollingOut = history.first.map { !$0.state.isFinal } ?? false
    isPaused = status.isPaused
    release = history.first.map { "#\($0.number)" } ?? "none"
    steps = history.first.map(Self.steps) ?? []
    if isRollingOut, let rollout {
      announcement = "\(badge.text): \(rollout.summary)"
    } else {
      announcement = "\(badge.text), \(status.ready) of \(status.desired) replicas ready"
    }
  }

  /// A release that isn't through yet tells more than the cluster: what is
  /// live may still be the one before.
  private static func badge(_ status: ApplicationStatus, newest: ReleaseSummary?) -> Badge {
    guard let newest, !newest.state.isFinal, status.health != .failing else {
      return status.health.badge
    }
    return Badge(.working, newest.state == .queued ? "Queued" : "Rolling out")
  }

  private static func steps(of release: ReleaseSummary) -> [Step] {
    let position =
      switch release.state {
      case .queued: 0
      case .applying: 1
      case .rollingOut: 2
      case .succeeded: 4
      case .failed, .superseded: 3
      }
    let isFailed = release.state == .failed
    let texts = ["Stored", "Applied to the cluster", "New pods start", "All replicas serve"]
    return texts.enumerated().map { index, text in
      let isLast = index == texts.count - 1
      var detail = ""
      if isLast, release.state != .succeeded { detail = release.outcome }
      return Step(
        text: isLast && isFailed
          ? "Failed"
          : isLast && release.state == .superseded
            ? "Superseded" : text,
        detail: detail, isDone: index < position,
        isCurrent: index == position && !release.state.isFinal,
        isFailed: isLast && isFailed)
    }
  }
}

extension ApplicationLive.Pod {
  init(_ pod: PodStatus, of application: String, in project: String) {
    name = pod.name
    // Why a container ended stands in what it wrote before.
    let isLooping = if case .failing = pod.stage { pod.restarts > 0 } else { false }
    logs = Paths.logs(
      application, in: project, LogQuery(pod: pod.name, isPrevious: isLooping))
    logsText = isLooping ? "Log before the restart" : "Log"
    badge = pod.stage.badge
    note = pod.message.isEmpty ? "" : pod.message
    restarts = pod.restarts == 0 ? "" : pod.restarts == 1 ? "1 restart" : "\(pod.restarts) restarts"
    node = pod.node
    created = pod.createdAt.map { RelativeTime($0) }
  }
}

extension PodStatus.Stage {
  var badge: Badge {
    switch self {
    case .unscheduled: Badge(.working, "Waiting for a node")
    case .starting: Badge(.working, "Starting")
    case .running: Badge(.working, "Running, not ready")
    case .ready: Badge(.good, "Ready")
    case .failing(let reason): Badge(.bad, reason)
    case .finished: Badge(.neutral, "Finished")
    case .terminating: Badge(.neutral, "Terminating")
    }
  }
}

extension Release.State {
  var badge: Badge {
    switch self {
    case .queued: Badge(.working, "Queued")
    case .applying: Badge(.working, "Applying")
    case .rollingOut: Badge(.working, "Rolling out")
    case .succeeded: Badge(.good, "Succeeded")
    case .failed: Badge(.bad, "Failed")
    case .superseded: Badge(.neutral, "Superseded")
    }
  }
}

/// The manifests of an application's newest release.
struct ManifestsPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let summary: String
  let blocks: [CodeBlock]
  let yaml: Link
  let chart: Link
  let live: Link

  init(chrome: PageChrome, _ detail: ApplicationDetail, release: Release) {
    self.chrome = chrome
    header = ApplicationHeader(detail, current: "Manifests")
    let (name, project) = (detail.application.name, detail.membership.project.name)
    yaml = Paths.export(name, in: project, .yaml)
    chart = Paths.export(name, in: project, .chart)
    live = Paths.application(name, in: project, .liveManifests)
    summary = "As release #\(release.number) applied them, in this order."
    blocks = release.manifests.enumerated().map { index, manifest in
      CodeBlock(
        id: "manifest-\(index)", caption: "\(manifest.kind) \(manifest.name)",
        text: manifest.yaml)
    }
  }
}
