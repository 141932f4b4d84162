import Domain
import Foundation
import Templates

/// Lines of a log, ready to show.
struct LogLines: Sendable {
  /// A part of a line's text.
  struct Piece: Sendable {
    let text: String
    /// Whether it is what was searched for.
    let isHit: Bool
  }

  /// A line of a pod, or word of what happened to the log.
  struct Row: Sendable {
    let isNotice: Bool
    let notice: String
    /// "05:26:10"
    let clock: String
    /// The whole time, for the next question; "" when there is none.
    let time: String
    let pod: String
    let short: String
    let pieces: [Piece]
    let isCut: Bool
  }

  let rows: [Row]

  init(_ batch: LogBatch, search: String) {
    var rows = batch.leftOut > 0 ? [Row(leftOut: batch.leftOut)] : []
    for item in batch.items {
      switch item {
      case .line(let line): rows.append(Row(line, search: search))
      case .notice(let text): rows.append(Row(notice: text))
      }
    }
    self.rows = rows
  }

  init(_ page: LogPage, search: String) {
    self.init(
      LogBatch(leftOut: page.leftOut, items: page.lines.map(LogItem.line)), search: search)
  }
}

extension LogLines.Row {
  init(notice: String) {
    self.init(
      isNotice: true, notice: notice, clock: "", time: "", pod: "", short: "", pieces: [],
      isCut: false)
  }

  init(leftOut: Int) {
    self.init(notice: "… \(Self.grouped(leftOut)) line\(leftOut == 1 ? "" : "s") left out")
  }

  init(_ line: LogLine, search: String) {
    let time = line.time?.text ?? ""
    self.init(
      isNotice: false, notice: "",
      clock: String(Substring(time.utf8.dropFirst(11).prefix(8))), time: time,
      pod: line.pod, short: line.pod.split(separator: "-").last.map(String.init) ?? line.pod,
      pieces: Self.pieces(of: line.text, search), isCut: line.isCut)
  }

  /// "1,204"
  static func grouped(_ number: Int) -> String {
    var digits = String(number)
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }

  /// The most hits that are marked in one line.
  private static let mostHits = 50

  private static func pieces(of text: String, _ search: String) -> [LogLines.Piece] {
    if search.isEmpty { return [.init(text: text, isHit: false)] }
    var pieces: [LogLines.Piece] = []
    var rest = text[...]
    while pieces.count < mostHits * 2, let hit = rest.range(of: search, options: .caseInsensitive) {
      let before = rest[..<hit.lowerBound]
      if !before.isEmpty { pieces.append(.init(text: String(before), isHit: false)) }
      pieces.append(.init(text: String(rest[hit]), isHit: true))
      rest = rest[hit.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.init(text: String(rest), isHit: false)) }
    return pieces
  }
}

/// What an application writes.
struct LogsPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let problem: ApplicationLive.Problem?
  let action: Link
  let pod: SelectField
  let since: SelectField
  let tail: SelectField
  let search: Field
  let previous: CheckboxField
  let lines: LogLines
  let notices: [String]
  let summary: String
  /// nil for a log that doesn't grow: the previous container's.
  let live: Link?
  let after: String
  let newer: Link?
  let newest: Link?
  let file: Link
  /// What stands where the lines will be.
  let empty: String

  var hasLines: Bool { !lines.rows.isEmpty }
  var hasNotices: Bool { !notices.isEmpty }

  init(chrome: PageChrome, _ page: LogPage, query: LogQuery, principal: Principal) {
    self.chrome = chrome
    let (name, project) = (page.detail.application.name, page.detail.membership.project.name)
    header = ApplicationHeader(page.detail, current: "Logs")
    problem = Diagnosis.of(page.detail.status).map {
      ApplicationLive.Problem($0, of: page.detail, for: principal)
    }
    action = Paths.application(name, in: project, .logs)
    (pod, since, tail, search, previous) = Self.fields(page, query)
    lines = LogLines(page, search: query.search)
    notices = page.notices
    summary = query.isPrevious ? "What the containers before these wrote." : "Newest lines below."
    var plain = query
    plain.after = nil
    after = page.newest?.text ?? query.after?.text ?? ""
    live = query.isPrevious ? nil : Paths.logs(name, in: project, plain, as: .live)
    file = Paths.logs(name, in: project, plain, as: .file)
    newest = query.after == nil ? nil : Paths.logs(name, in: project, plain)
    var next = plain
    next.after = LogTime(after)
    newer = query.isPrevious || next.after == nil ? nil : Paths.logs(name, in: project, next)
    empty = Self.empty(query)
  }

  private static func empty(_ query: LogQuery) -> String {
    if !query.search.isEmpty { return "No line holds “\(query.search)”." }
    if query.after != nil { return "Nothing newer yet." }
    return query.isPrevious ? "Nothing was written." : "Nothing was written yet."
  }

  private static func fields(
    _ page: LogPage, _ query: LogQuery
  ) -> (SelectField, SelectField, SelectField, Field, CheckboxField) {
    var pods = [("", "All pods")]
    pods += page.detail.status.pods.map { ($0.name, $0.name) }
    if let pod = query.pod, !pods.contains(where: { $0.0 == pod }) {
      pods.append((pod, "\(pod) (gone)"))
    }
    return (
      SelectField(
        "pod", label: "Pod", choices: pods, selected: query.pod ?? ""),
      SelectField(
        "since", label: "Since",
        options: [
          "5m": "5 minutes ago", "1h": "1 hour ago", "24h": "24 hours ago", "all": "the beginning",
        ],
        selected: query.since.rawValue),
      SelectField(
        "lines", label: "Lines",
        choices: [50, 200, 500, 1_000].map { ("\($0)", "newest \(LogLines.Row.grouped($0))") },
        selected: "\(query.tail)"),
      Field(
        "search", label: "Search", value: query.search, type: "search", isRequired: false,
        autocomplete: "off", maximumLength: LogQuery.maximumSearch),
      CheckboxField(
        "previous", label: "Container before the last restart", isOn: query.isPrevious)
    )
  }
}

extension LogQuery {
  /// As they stand in a link; what is as usual is left out.
  var parameters: [(String, String)] {
    var parameters: [(String, String)] = []
    if let pod { parameters.append(("pod", pod)) }
    if isPrevious { parameters.append(("previous", "on")) }
    if since != .all { parameters.append(("since", since.rawValue)) }
    if !search.isEmpty { parameters.append(("search", search)) }
    if tail != 200 { parameters.append(("lines", "\(tail)")) }
    if let after { parameters.append(("after", after.text)) }
    return parameters
  }
}
