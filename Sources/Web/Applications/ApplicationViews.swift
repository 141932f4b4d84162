import Domain
import Templates

/// What all pages of an application have on top.
struct ApplicationHeader: Sendable {
  /// One of the application's pages.
  struct Tab: Sendable {
    let text: String
    let link: Link
    let isCurrent: Bool
  }

  let name: String
  let breadcrumb: Breadcrumb
  let tabs: [Tab]

  init(_ detail: ApplicationDetail, current: String) {
    let project = detail.membership.project.name
    name = detail.application.name
    let own = Paths.application(name, in: project)
    let up = [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))]
    breadcrumb =
      current == "Status"
      ? Breadcrumb(up, current: name)
      : Breadcrumb(up + [ActionLink(name, own)], current: current)
    tabs = [
      Tab(text: "Status", link: own, isCurrent: current == "Status"),
      Tab(
        text: "Manifests", link: Paths.application(name, in: project, .manifests),
        isCurrent: current == "Manifests"),
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

  init(
    chrome: PageChrome, _ detail: ApplicationDetail, history: [ReleaseSummary], principal: Principal
  ) {
    self.chrome = chrome
    let project = detail.membership.project.name
    let name = detail.application.name
    header = ApplicationHeader(detail, current: "Status")
    image = detail.application.spec.image.text
    live = Paths.application(name, in: project, .live)
    status = ApplicationLive(detail, history: history)
    facts = SpecificationFacts.lines(of: detail.application.spec)
    let decision = detail.membership.decision(.deployApplications, for: principal)
    change = decision.isAllowed ? Paths.application(name, in: project, .edit) : nil
    refusal = decision.reason.map { DisabledButton(id: "why-change", label: "Change", reason: $0) }
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

    var hasNode: Bool { !node.isEmpty }
  }

  /// One release.
  struct ReleaseLine: Sendable {
    let number: String
    let badge: Badge
    let image: String
    let author: String
    let outcome: String
    let created: RelativeTime
  }

  /// One step of the newest release.
  struct Step: Sendable {
    let text: String
    let detail: String
    let isDone: Bool
    let isCurrent: Bool
    let isFailed: Bool
  }

  /// What is wrong, in plain words.
  struct Problem: Sendable {
    let sentence: String
    let evidence: String
    let advice: String

    init(_ diagnosis: Diagnosis) {
      sentence = diagnosis.sentence
      evidence = diagnosis.evidence
      advice = diagnosis.advice
    }
  }

  let badge: Badge
  let replicas: String
  let replicasNote: String
  let address: String?
  let clusterIP: String
  let problem: Problem?
  let pods: [Pod]
  let releases: [ReleaseLine]
  let steps: [Step]
  let release: String
  /// What a screen reader hears when something changed.
  let announcement: String

  var hasPods: Bool { !pods.isEmpty }
  var hasSteps: Bool { !steps.isEmpty }

  init(_ detail: ApplicationDetail, history: [ReleaseSummary]) {
    let status = detail.status
    badge = Self.badge(status, newest: history.first)
    replicas = "\(status.ready)/\(status.desired)"
    replicasNote =
      status.autoscaler.map { "autoscaled, \($0.minimum) to \($0.maximum)" }
      ?? (status.updated < status.desired ? "\(status.updated) of the newest release" : "ready")
    address = status.address
    clusterIP = status.clusterIP ?? ""
    problem = Diagnosis.of(status).map(Problem.init)
    pods = status.pods.map(Pod.init)
    releases = history.map(ReleaseLine.init)
    release = history.first.map { "#\($0.number)" } ?? "none"
    steps = history.first.map { Self.steps(of: $0, status: status) } ?? []
    announcement = "\(badge.text), \(status.ready) of \(status.desired) replicas ready"
  }

  /// A release that isn't through yet tells more than the cluster: what is
  /// live may still be the one before.
  private static func badge(_ status: ApplicationStatus, newest: ReleaseSummary?) -> Badge {
    guard let newest, !newest.state.isFinal, status.health != .failing else {
      return status.health.badge
    }
    return Badge(.working, newest.state == .queued ? "Queued" : "Rolling out")
  }

  private static func steps(of release: ReleaseSummary, status: ApplicationStatus) -> [Step] {
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
      if index == 2, release.state == .rollingOut {
        detail = "\(status.updated) of \(status.desired) started, \(status.ready) ready"
      }
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
  init(_ pod: PodStatus) {
    name = pod.name
    badge = pod.stage.badge
    note = pod.message.isEmpty ? "" : pod.message
    restarts = pod.restarts == 0 ? "" : pod.restarts == 1 ? "1 restart" : "\(pod.restarts) restarts"
    node = pod.node
    created = pod.createdAt.map { RelativeTime($0) }
  }
}

extension ApplicationLive.ReleaseLine {
  init(_ release: ReleaseSummary) {
    number = "#\(release.number)"
    badge = release.state.badge
    image = release.image
    author = release.authorName
    outcome = release.outcome
    created = RelativeTime(release.createdAt)
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

  init(chrome: PageChrome, _ detail: ApplicationDetail, release: Release) {
    self.chrome = chrome
    header = ApplicationHeader(detail, current: "Manifests")
    let (name, project) = (detail.application.name, detail.membership.project.name)
    yaml = Paths.export(name, in: project, .yaml)
    chart = Paths.export(name, in: project, .chart)
    summary = "As release #\(release.number) applied them, in this order."
    blocks = release.manifests.enumerated().map { index, manifest in
      CodeBlock(
        id: "manifest-\(index)", caption: "\(manifest.kind) \(manifest.name)",
        text: manifest.yaml)
    }
  }
}
