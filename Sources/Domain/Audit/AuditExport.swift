internal import Foundation

/// Rows as files that other programs read.
public enum AuditExport: String, Sendable, CaseIterable {
  /// RFC 4180, with a header.
  case csv
  /// One JSON object a line.
  case jsonl

  /// The first line with its end; empty for JSON lines.
  public var header: String {
    self == .csv ? Self.names.joined(separator: ",") + "\r\n" : ""
  }

  /// One row with the end of its line.
  public func line(_ event: AuditEvent) -> String {
    switch self {
    case .csv: Self.values(event).map(Self.field).joined(separator: ",") + "\r\n"
    case .jsonl: Self.json(event) + "\n"
    }
  }

  private static let names = [
    "number", "time", "actor", "actorId", "via", "address", "requestId", "action", "targetKind",
    "target", "project", "outcome", "reason", "occurrences", "changes", "hash",
  ]

  private static func values(_ event: AuditEvent) -> [String] {
    [
      "\(event.number)", time(event.at), event.actorEmail, event.actorID ?? "", event.via,
      event.address, event.requestID, event.action, event.target.kind, event.target.name,
      event.target.project ?? "", event.outcome.rawValue, event.reason, "\(event.occurrences)",
      event.changes, event.hash,
    ]
  }

  /// What a formula begins with: some spreadsheets drop white space before it,
  /// and some take the wide forms for it, too.
  private static let formulas = "=+-@＝＋－＠\t\r\n".unicodeScalars

  /// A spreadsheet would compute what begins like a formula, so it gets a quote
  /// in front.
  private static func field(_ text: String) -> String {
    var text = text
    let first = text.unicodeScalars.first { !$0.properties.isWhitespace || formulas.contains($0) }
    if let first, formulas.contains(first) { text = "'" + text }
    // By scalars: a quote with a combining mark is another Character.
    let special = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    guard special else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  private struct Line: Encodable {
    var number: Int
    var time: String
    var actor: String
    var actorId: String?
    var via: String
    var address: String
    var requestId: String
    var action: String
    var targetKind: String
    var target: String
    var project: String?
    var outcome: AuditOutcome
    var reason: String
    var occurrences: Int
    var changes: [AuditChange]
    var hash: String
  }

  private static func json(_ event: AuditEvent) -> String {
    let changes = (try? JSONDecoder().decode([AuditChange].self, from: Data(event.changes.utf8)))
    let line = Line(
      number: event.number, time: time(event.at), actor: event.actorEmail, actorId: event.actorID,
      via: event.via, address: event.address, requestId: event.requestID, action: event.action,
      targetKind: event.target.kind, target: event.target.name, project: event.target.project,
      outcome: event.outcome, reason: event.reason, occurrences: event.occurrences,
      changes: changes ?? [], hash: event.hash)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A struct of texts and numbers always encodes.
    return (try? encoder.encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  private static func time(_ date: Date) -> String {
    date.formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
  }
}
