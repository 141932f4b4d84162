internal import ArgumentParser

/// How a command ended, for scripts; docs/automation.md has the table.
enum Outcome: Int32, Sendable, CaseIterable {
  /// It did what was asked, and where it waited, the release serves.
  case succeeded = 0
  /// The release failed, or `diff` found changes.
  case failed = 1
  /// The command line or a file of it can't be understood.
  case misused = 2
  /// The server understood and said no.
  case refused = 3
  /// It waited as long as it may. The release goes on.
  case timedOut = 4
  /// The server can't be reached, or can't answer now.
  case unreachable = 5
  /// Somebody pressed Control-C.
  case interrupted = 130

  var exitCode: ExitCode { ExitCode(rawValue) }
}

/// Why a command can't go on: one sentence, and what to do about it.
struct ClientError: Error, Equatable {
  var outcome: Outcome
  /// What happened, to what.
  var sentence: String
  /// The next step; empty when there is none.
  var advice: String
  /// What the server answered, for `--json`.
  var problem: JSON?
  /// The HTTP status, where a server answered.
  var status: Int?

  init(
    _ outcome: Outcome, _ sentence: String, advice: String = "", problem: JSON? = nil,
    status: Int? = nil
  ) {
    self.outcome = outcome
    self.sentence = sentence
    self.advice = advice
    self.problem = problem
    self.status = status
  }

  /// Both sentences on one line, without anything that could move a cursor.
  var line: String {
    [sentence, advice].filter { !$0.isEmpty }.joined(separator: " ").onOneLine
  }
}

extension ClientError {
  /// What an answer of the server that isn't a success says
  /// (RFC 9457, `application/problem+json`).
  init(status: Int, body: JSON) {
    let detail = body["detail"]?.string ?? ""
    let advice = body["advice"]?.string ?? ""
    let fields = (body["errors"]?.array ?? []).compactMap { error -> String? in
      guard let message = error["message"]?.string else { return nil }
      guard let field = error["field"]?.string, !field.isEmpty else { return message }
      return "\(field): \(message)"
    }
    // The detail may hold the advice already.
    let sentences =
      [detail.isEmpty ? Self.sentence(for: status) : detail] + fields
      + (advice.isEmpty || detail.hasSuffix(advice) ? [] : [advice])
    self.init(
      // Too busy for now is no refusal of what was asked.
      status >= 500 || [408, 429].contains(status) ? .unreachable : .refused,
      sentences.joined(separator: " "),
      advice: status == 401 ? "Log in again: babyhelm login." : "",
      problem: body == .null ? nil : body, status: status)
  }

  private static func sentence(for status: Int) -> String {
    switch status {
    case 401: "The server doesn't know this token; it has ended or was revoked."
    case 403: "You may not do this."
    case 404: "The server has no such thing, or its BabyHelm is older than this program."
    case 500...: "The server can't answer now (HTTP status \(status)). Try again in a minute."
    default: "The server refused with the HTTP status \(status)."
    }
  }
}
