import Domain
import Foundation
import Hummingbird

/// What the address of a page of alerts asks for.
struct AlertSearch: Sendable {
  let state: String
  let severity: String
  let application: String
  let name: String
  let project: String
  let before: String

  init(_ request: Request) {
    state = request.query("state")
    severity = request.query("severity")
    application = request.query("application")
    name = request.query("name")
    project = request.query("project")
    before = request.query("before")
  }

  /// The word for what is no project's.
  static let platform = "-"

  var query: AlertQuery {
    AlertQuery(
      isFiring: state == "firing" ? true : state == "over" ? false : nil,
      severity: Alert.Severity(rawValue: severity), application: String(application.prefix(63)),
      name: String(name.prefix(100)),
      project: project == Self.platform ? "" : String(project.prefix(63)),
      isOfPlatform: project == Self.platform)
  }

  var cursor: AlertQuery.Cursor? { AlertQuery.Cursor(before) }

  /// Whether it is the first page without a filter.
  var isPlain: Bool { parameters.isEmpty && cursor == nil }

  /// What is asked for, without the page.
  var parameters: [(String, String)] {
    [
      ("state", state), ("severity", severity), ("application", application), ("name", name),
      ("project", project),
    ].filter { !$0.1.isEmpty }
  }
}

/// The form that silences an alert.
struct SilenceForm: Sendable {
  let draft: AlertSilenceDraft

  static let fields = ["scope", "duration", "until", "comment"]

  init() { draft = AlertSilenceDraft() }

  init(_ form: FormBody) {
    draft = AlertSilenceDraft(
      scope: form.string("scope"), duration: form.string("duration"), until: form.string("until"),
      comment: form.string("comment"))
  }
}
