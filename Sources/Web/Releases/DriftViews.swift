import Domain
import Templates

/// What somebody changed by hand.
struct DriftPage: Sendable {
  struct Line: Sendable {
    let object: String
    let path: String
    let wanted: String
    let found: String
    let who: String
    let time: RelativeTime?
  }

  let chrome: PageChrome
  let header: ApplicationHeader
  let summary: String
  /// What stands where nothing is known to differ; nil when something does.
  let empty: EmptyState?
  let lines: [Line]
  let missing: [String]
  let putBack: Link
  let adopt: Link
  let release: String
  let mayChange: Bool
  let refusal: DisabledButton?

  var hasLines: Bool { !lines.isEmpty }
  var hasMissing: Bool { !missing.isEmpty }
  var hasDrift: Bool { hasLines || hasMissing }

  init(
    chrome: PageChrome, _ detail: ApplicationDetail, _ report: DriftReport, principal: Principal
  ) {
    self.chrome = chrome
    let (name, project) = (detail.application.name, detail.membership.project.name)
    header = ApplicationHeader(detail, current: "Drift")
    let drift = report.drift
    empty = EmptyState(report)
    summary =
      if let drift, !drift.isEmpty {
        "Something on the cluster isn’t as release #\(drift.release) says. The next release sets it back."
      } else {
        "What on the cluster differs from the newest release, and who changed it."
      }
    lines = (drift?.fields ?? []).map(Line.init)
    missing = (drift?.missing ?? []).map { "\($0.kind) \($0.name)" }
    putBack = Paths.action(.putBack, on: name, in: project)
    adopt = Paths.adoption(of: name, in: project)
    release = String(detail.application.releaseNumber)
    let decision = detail.membership.decision(.deployApplications, for: principal)
    mayChange = decision.isAllowed
    refusal = decision.reason.map {
      DisabledButton(id: "why-put-back", label: "Put back", reason: $0)
    }
  }
}

extension EmptyState {
  /// nil when something differs.
  fileprivate init?(_ report: DriftReport) {
    switch report {
    case .rollingOut(let number):
      self.init(
        "Release #\(number) is on its way", "What differs can be told when it is through.")
    case .unknown(let why):
      self.init("It isn’t known whether anything differs", why)
    case .compared(let drift) where drift.isEmpty:
      self.init(
        "Nothing differs",
        "Everything on the cluster is as release #\(drift.release) says. What the cluster sets itself, as defaults, status and an autoscaler’s replicas, doesn’t count."
      )
    case .compared: return nil
    }
  }
}

extension DriftPage.Line {
  init(_ field: Drift.Field) {
    object = "\(field.kind) \(field.name)"
    path = field.path
    wanted = field.wanted ?? MessageCatalogue.shown("(nothing)")
    found = field.found ?? MessageCatalogue.shown("(gone)")
    who =
      field.change.map {
        $0.subresource.isEmpty ? $0.manager : "\($0.manager) (\($0.subresource))"
      } ?? "nobody is recorded"
    time = field.change?.time.map { RelativeTime($0) }
  }
}

/// The hint on an application's page that somebody changed something by hand.
struct DriftNotice: Sendable {
  let sentence: String
  let link: Link

  /// nil when nothing is known to differ.
  init?(_ report: DriftReport?, of application: String, in project: String) {
    guard let drift = report?.drift else { return nil }
    link = Paths.application(application, in: project, .drift)
    if let field = drift.fields.first {
      let who = field.change?.manager ?? "Somebody"
      let more = drift.fields.count + drift.missing.count - 1
      let rest =
        more == 0
        ? "" : more == 1 ? ", and one thing more differs" : ", and \(more) things more differ"
      sentence =
        "\(who) changed \(field.path) from \(field.wanted ?? "nothing") to \(field.found ?? "nothing") on the cluster\(rest)."
    } else {
      let names = drift.missing.map { "\($0.kind) \($0.name)" }.joined(separator: ", ")
      sentence = "Somebody removed from the cluster: \(names)."
    }
  }
}

/// An application's objects as the cluster has them.
struct LiveManifestsPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let blocks: [CodeBlock]
  let missing: [String]
  let yaml: Link
  let applied: Link
  let drift: Link

  var hasMissing: Bool { !missing.isEmpty }

  init(chrome: PageChrome, _ detail: ApplicationDetail, _ live: [LiveManifest]) {
    self.chrome = chrome
    header = ApplicationHeader(detail, current: "Manifests")
    let (name, project) = (detail.application.name, detail.membership.project.name)
    yaml = Paths.application(name, in: project, .liveYAML)
    applied = Paths.application(name, in: project, .manifests)
    drift = Paths.application(name, in: project, .drift)
    blocks = live.enumerated().compactMap { index, manifest in
      manifest.yaml.map {
        CodeBlock(id: "manifest-\(index)", caption: "\(manifest.kind) \(manifest.name)", text: $0)
      }
    }
    missing = live.filter { $0.yaml == nil }.map { "\($0.kind) \($0.name)" }
  }
}
