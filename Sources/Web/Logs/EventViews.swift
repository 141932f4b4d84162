import Domain
import Templates

/// An application's events, ready to show.
struct EventGroups: Sendable {
  /// One text of Kubernetes about an object.
  struct Message: Sendable {
    let object: String
    let text: String
  }

  /// What happened to objects of one kind for one reason.
  struct Row: Sendable {
    /// Names the fold, so that it stays open when the page updates.
    let id: String
    let badge: Badge
    let kind: String
    let reason: String
    let sentence: String
    /// "12 times", or "once".
    let count: String
    let first: RelativeTime?
    let last: RelativeTime?
    let messages: [Message]

    /// Whether it happened more than once, and over a time worth telling.
    let isRepeated: Bool
  }

  let rows: [Row]
  let isCut: Bool

  var hasRows: Bool { !rows.isEmpty }

  init(_ page: EventPage) {
    rows = page.groups.map(Row.init)
    isCut = page.isCut
  }
}

extension EventGroups.Row {
  init(_ group: EventGroup) {
    let word = group.isWarning ? "Warning" : "Normal"
    let letters = "\(group.objectKind)-\(group.reason)-\(word)".unicodeScalars.filter {
      $0.isASCII && ($0.properties.isAlphabetic || $0 == "-")
    }
    id = "event-\(String(String.UnicodeScalarView(letters)))"
    badge = Badge(group.isWarning ? .warning : .neutral, word)
    kind = group.objectKind
    reason = group.reason
    // Kubernetes' own words, when they are all there is.
    sentence = group.explanation ?? group.messages.first?.text ?? ""
    count = group.count == 1 ? "once" : "\(LogLines.Row.grouped(group.count)) times"
    first = group.first.map { RelativeTime($0) }
    last = group.last.map { RelativeTime($0) }
    messages = group.messages.map { .init(object: $0.object, text: $0.text) }
    isRepeated = group.count > 1 && first?.text != last?.text
  }
}

/// The events of an application.
struct EventsPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let events: EventGroups
  let live: Link

  init(chrome: PageChrome, _ page: EventPage) {
    self.chrome = chrome
    header = ApplicationHeader(page.detail, current: "Events")
    events = EventGroups(page)
    live = Paths.eventsLive(
      page.detail.application.name, in: page.detail.membership.project.name)
  }
}
