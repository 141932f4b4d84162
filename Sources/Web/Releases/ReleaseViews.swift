import Domain
import Foundation
import Templates

/// One line of the list of releases.
struct ReleaseRow: Sendable {
  let number: String
  let link: Link
  let badge: Badge
  let image: String
  let author: String
  let message: String
  let outcome: String
  let created: RelativeTime
  let duration: String
  let rollback: Link?

  var hasMessage: Bool { !message.isEmpty }
  var hasOutcome: Bool { !outcome.isEmpty }

  init(_ release: ReleaseSummary, of application: String, in project: String, mayDeploy: Bool) {
    number = "#\(release.number)"
    link = Paths.release(release.number, of: application, in: project)
    badge = release.state.badge
    image = release.image
    author = release.authorName.isEmpty ? "–" : release.authorName
    message = ReleaseMessage.shown(release.message)
    outcome = release.outcome
    created = RelativeTime(release.createdAt)
    duration =
      release.finishedAt.map { Self.duration(from: release.createdAt, to: $0) } ?? "under way"
    rollback =
      mayDeploy && release.state.isFinal
      ? Paths.rollback(to: release.number, of: application, in: project) : nil
  }

  /// "4 s", "2 min 10 s"
  static func duration(from start: Date, to end: Date) -> String {
    let seconds = max(0, Int(end.timeIntervalSince(start).rounded()))
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
  }
}

/// All releases of an application.
struct ReleaseListPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let rows: [ReleaseRow]
  let newer: Link?
  let older: Link?

  var hasRows: Bool { !rows.isEmpty }

  init(
    chrome: PageChrome, _ detail: ApplicationDetail, _ history: [ReleaseSummary], hasMore: Bool,
    isNewest: Bool, principal: Principal
  ) {
    self.chrome = chrome
    header = ApplicationHeader(detail, current: "Releases")
    let (name, project) = (detail.application.name, detail.membership.project.name)
    let mayDeploy = detail.membership.decision(.deployApplications, for: principal).isAllowed
    let current = detail.application.releaseNumber
    rows = history.map {
      ReleaseRow(
        $0, of: name, in: project, mayDeploy: mayDeploy && $0.number != current)
    }
    newer = isNewest ? nil : Paths.application(name, in: project, .releases)
    older =
      hasMore
      ? history.last.map { Paths.releases(of: name, in: project, before: $0.number) } : nil
  }
}

/// One release.
struct ReleasePage: Sendable {
  /// Another release to compare it with.
  struct Other: Sendable {
    let number: Int
    let text: String
    let isSelected: Bool
  }

  let chrome: PageChrome
  let header: ApplicationHeader
  let title: String
  let badge: Badge
  let facts: [SpecificationFacts.Line]
  let specification: [SpecificationFacts.Line]
  let others: [Other]
  let difference: String
  let items: [PlanPage.Item]
  let compare: Link
  let rollback: Link?
  let refusal: DisabledButton?

  var hasOthers: Bool { !others.isEmpty }
  var hasItems: Bool { !items.isEmpty }

  init(
    chrome: PageChrome, _ detail: ApplicationDetail, _ release: Release, against: Int?,
    others: [Int], differences: [Plan.Step], principal: Principal
  ) {
    self.chrome = chrome
    let (name, project) = (detail.application.name, detail.membership.project.name)
    header = ApplicationHeader(detail, current: "Releases", further: "#\(release.number)")
    title = "Release #\(release.number)"
    badge = release.state.badge
    facts = Self.facts(of: release, isOutsider: detail.membership.isOutsider)
    specification = SpecificationFacts.lines(of: release.spec)
    self.others = others.map {
      Other(number: $0, text: "#\($0)", isSelected: $0 == against)
    }
    let changed = differences.filter { $0.action != .nothing }
    items = changed.enumerated().map { PlanPage.Item($0.element, index: $0.offset) }
    let (old, new) = (
      min(against ?? 0, release.number), max(against ?? 0, release.number)
    )
    difference =
      against == nil
      ? "There is no older release to compare it with."
      : changed.isEmpty ? "#\(new) has the same manifests as #\(old)." : "From #\(old) to #\(new):"
    compare = Paths.release(release.number, of: name, in: project)
    let isCurrent = release.number == detail.application.releaseNumber
    let decision = detail.membership.decision(.deployApplications, for: principal)
    rollback =
      decision.isAllowed && !isCurrent && release.state.isFinal
      ? Paths.rollback(to: release.number, of: name, in: project) : nil
    let reason = decision.reason ?? (isCurrent ? "This is the newest release." : nil)
    refusal = reason.map {
      DisabledButton(id: "why-rollback", label: "Roll back to it", reason: $0)
    }
  }

  /// The values as the reader reads them: what people typed stays among them.
  private static func facts(
    of release: Release, isOutsider: Bool
  ) -> [SpecificationFacts.Line] {
    var lines: [SpecificationFacts.Line] = []
    if !isOutsider {
      lines.append(
        .init(
          label: "By",
          value: release.authorName.isEmpty
            ? MessageCatalogue.shown("somebody gone") : release.authorName))
    }
    lines.append(
      .init(
        label: "Deployed", value: MessageCatalogue.shown(RelativeTime(release.createdAt).full)))
    if let finished = release.finishedAt {
      let duration = ReleaseRow.duration(from: release.createdAt, to: finished)
      lines.append(.init(label: "Took", value: MessageCatalogue.shown(duration)))
    }
    if !release.message.isEmpty {
      lines.append(.init(label: "Message", value: ReleaseMessage.shown(release.message)))
    }
    if !release.outcome.isEmpty {
      lines.append(.init(label: "Outcome", value: MessageCatalogue.shown(release.outcome)))
    }
    if let digest = release.imageDigest {
      lines.append(.init(label: "Image that ran", value: digest))
    }
    return lines
  }
}
