internal import Foundation

/// Writes the mail about notices.
struct MailComposer: Sendable {
  /// Where a notice's page is, whole.
  let link: @Sendable (Notice) -> String
  /// Where somebody stops mails, with what proves that they got one.
  let unsubscribe: @Sendable (String) -> String

  func message(
    id: String, to address: String, about notices: [Notice], more: Int, token: String, at date: Date
  ) -> MailMessage {
    let stop = unsubscribe(token)
    return MailMessage(
      id: id, to: address, subject: Self.subject(notices, more: more),
      text: text(notices, more: more, stop: stop), html: html(notices, more: more, stop: stop),
      date: date, unsubscribe: stop)
  }

  /// What somebody sends to themselves.
  static func test(id: String, to address: String, at date: Date) -> MailMessage {
    let text = "BabyHelm can send mails: you asked for this one on its notifications page."
    return MailMessage(
      id: id, to: address, subject: "A test from BabyHelm", text: text,
      html: document("<p>\(escaped(text))</p>"), date: date)
  }

  private static func subject(_ notices: [Notice], more: Int) -> String {
    guard let first = notices.first else { return "From BabyHelm" }
    if notices.count + more == 1 { return "[\(first.project)] \(first.title)" }
    let projects = Set(notices.map(\.project))
    let place = projects.count == 1 ? first.project : "\(projects.count) projects"
    return "[\(place)] \(first.title), and \(notices.count + more - 1) more"
  }

  private func text(_ notices: [Notice], more: Int, stop: String) -> String {
    var parts = notices.map { notice in
      ([Self.heading(notice), notice.text] + notice.facts.map { "\($0.name): \($0.value)" }
        + [link(notice)]).filter { !$0.isEmpty }.joined(separator: "\n")
    }
    if more > 0 { parts.append("\(more) more; the project’s pages have them all.") }
    parts.append("--\nYou get this because of your choice in BabyHelm. No mails any more: \(stop)")
    return parts.joined(separator: "\n\n")
  }

  private func html(_ notices: [Notice], more: Int, stop: String) -> String {
    var body = notices.map { notice in
      let facts = notice.facts.map {
        "<br>\(Self.escaped($0.name)): \(Self.escaped($0.value))"
      }.joined()
      let address = Self.escaped(link(notice))
      return "<h2>\(Self.escaped(Self.heading(notice)))</h2>"
        + "<p>\(Self.escaped(notice.text))\(facts)</p><p><a href=\"\(address)\">\(address)</a></p>"
    }.joined(separator: "\n")
    if more > 0 { body += "\n<p>\(more) more; the project’s pages have them all.</p>" }
    body +=
      "\n<hr>\n<p>You get this because of your choice in BabyHelm. "
      + "<a href=\"\(Self.escaped(stop))\">No mails any more</a></p>"
    return Self.document(body)
  }

  private static func heading(_ notice: Notice) -> String {
    let mark = notice.kind == .alertEnded ? "ended" : notice.severity.rawValue
    return "[\(mark)] \(notice.title) (\(notice.project))"
  }

  private static func document(_ body: String) -> String {
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>BabyHelm</title>"
      + "</head>\n<body>\n\(body)\n</body></html>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("\n", with: "<br>\n")
  }
}
