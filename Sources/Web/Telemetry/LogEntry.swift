import Foundation
import Logging

/// A line of the log before it is written: the same names in both formats
/// (docs/logs.md).
struct LogEntry: Sendable {
  let time: Date
  let level: Logger.Level
  let logger: String
  let message: String
  /// By name, without the four above.
  let fields: [(name: String, value: Logger.MetadataValue)]

  /// Names that a field can't have.
  private static let taken: Set<String> = ["time", "level", "logger", "message"]

  init(_ event: LogEvent, label: String, metadata: Logger.Metadata, at time: Date = Date()) {
    self.time = time
    level = event.level
    logger = label
    message = event.message.description
    let all =
      event.metadata.map { metadata.merging($0) { _, new in new } } ?? metadata
    fields = all.map { (name: $0.key == "hb.request.id" ? "request_id" : $0.key, value: $0.value) }
      .filter { !Self.taken.contains($0.name) }
      .sorted { $0.name < $1.name }
  }

  private var timeText: String {
    time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  /// One JSON object, with a line feed after it. Numbers are numbers.
  var json: String {
    var text = "{\"time\":"
    LogText.quote(timeText, into: &text)
    text += ",\"level\":\"\(level.rawValue)\",\"logger\":"
    LogText.quote(logger, into: &text)
    text += ",\"message\":"
    LogText.quote(message, into: &text)
    for (name, value) in fields {
      text += ","
      LogText.quote(name, into: &text)
      text += ":"
      if let number = Self.number(value) {
        text += number
      } else {
        LogText.quote(value.description, into: &text)
      }
    }
    text += "}\n"
    return text
  }

  /// For people: `2026-11-26T14:50:03.123Z info babyhelm: request method=GET`,
  /// with a line feed after it. What could be mistaken stands in quotes.
  var plain: String {
    var text = "\(timeText) \(level.rawValue) \(logger): "
    LogText.escape(message, into: &text)
    for (name, value) in fields {
      text += " "
      LogText.escape(name, into: &text)
      text += "="
      let value = value.description
      if LogText.isPlain(value) { text += value } else { LogText.quote(value, into: &text) }
    }
    text += "\n"
    return text
  }

  private static func number(_ value: Logger.MetadataValue) -> String? {
    guard case .stringConvertible(let value) = value else { return nil }
    switch value {
    case let number as Int: return "\(number)"
    case let number as Double where number.isFinite: return "\(number)"
    default: return nil
    }
  }
}

/// Writes text so that it can't end a line, or a string, before its time.
enum LogText {
  /// As a JSON string (RFC 8259 §7). What moves a terminal's cursor, or reads
  /// from right to left, is escaped as well.
  static func quote(_ value: String, into text: inout String) {
    text += "\""
    escape(value, into: &text, quotes: true)
    text += "\""
  }

  static func escape(_ value: String, into text: inout String, quotes: Bool = false) {
    if value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }) {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"" where quotes: text += "\\\""
      case "\\" where quotes: text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      default:
        if isHarmless(scalar) { text.unicodeScalars.append(scalar) } else { escape(scalar, &text) }
      }
    }
  }

  /// Whether a value needs no quotes to be told from what is beside it.
  static func isPlain(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
      .privateUse:
      false
    default: true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar, _ text: inout String) {
    for unit in String(scalar).utf16 {
      let digits = String(unit, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}
