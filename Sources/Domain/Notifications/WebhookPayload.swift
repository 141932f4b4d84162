internal import Foundation

/// What is sent to a webhook: our JSON, or a text for a chat (docs/webhooks.md).
struct WebhookPayload: Sendable {
  /// The kind of the message that a person sends to try a webhook.
  static let testKind = "webhook.test"

  /// Where a notice's page is, whole.
  let link: @Sendable (Notice) -> String

  func body(
    of notices: [Notice], kind: String, sequence: Int, format: Webhook.Format, project: String,
    at time: Date
  ) throws -> [UInt8] {
    switch format {
    case .json:
      let event = Event(
        type: kind, timestamp: Self.text(notices.first?.time ?? time), sequence: sequence,
        data: notices.first.map(data) ?? Self.test(of: project))
      return try Self.encoded(event)
    case .chat:
      let lines = notices.isEmpty ? [Self.testText(of: project)] : notices.map(line)
      return try Self.encoded(["text": lines.joined(separator: "\n\n")])
    }
  }

  private struct Event: Encodable {
    let type: String
    let timestamp: String
    let sequence: Int
    let data: Content
  }

  private struct Content: Encodable {
    var project: String
    var application: String?
    var release: Int?
    var severity: String
    var title: String
    var text: String
    var link: String?
    var facts: [String: String] = [:]
  }

  private func data(of notice: Notice) -> Content {
    Content(
      project: notice.project, application: notice.application, release: notice.release,
      severity: notice.severity.rawValue, title: notice.title, text: notice.text,
      link: link(notice),
      facts: Dictionary(notice.facts.map { ($0.name, $0.value) }) { first, _ in first })
  }

  private static func test(of project: String) -> Content {
    Content(
      project: project, severity: Notice.Severity.info.rawValue, title: "A test from BabyHelm",
      text: testText(of: project))
  }

  private static func testText(of project: String) -> String {
    "This webhook is told what happens in “\(project)”."
  }

  /// For a chat. What people typed can't become a mention or a link in it
  /// (Slack, “Escaping text”).
  private func line(_ notice: Notice) -> String {
    let mark =
      switch (notice.kind, notice.severity) {
      case (.alertEnded, _): "ended"
      case (_, let severity): severity.rawValue
      }
    let parts = ["[\(mark)] \(Self.escaped(notice.title))", Self.escaped(notice.text)]
    return (parts.filter { !$0.isEmpty } + [link(notice)]).joined(separator: "\n")
  }

  /// A space without width ends what would be a mention (`@all`) or a link
  /// (`[text](address)`) in Mattermost and Rocket.Chat: a backslash would be seen
  /// in Slack.
  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("@", with: "@\u{200B}").replacing("]", with: "]\u{200B}")
  }

  private static func text(_ time: Date) -> String {
    time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  private static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
