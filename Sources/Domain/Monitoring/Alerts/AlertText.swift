internal import Foundation

/// What others wrote, made fit to be kept and shown.
enum AlertText {
  /// The first characters of a text, control characters and those that turn
  /// the direction of writing taken out, line ends and runs of spaces made one
  /// space.
  static func line(_ text: String, _ limit: Int) -> String {
    clean(text, limit, keepingLines: false)
  }

  /// The same with its line ends kept.
  static func paragraph(_ text: String, _ limit: Int) -> String {
    clean(text, limit, keepingLines: true)
  }

  /// An address that a page may lead to; nil for anything else.
  static func address(_ text: String) -> String? {
    guard text.utf8.count <= 500, text.unicodeScalars.allSatisfy({ !isUnfit($0) && $0 != " " }),
      let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      ["http", "https"].contains(parts.scheme?.lowercased()), parts.user == nil,
      parts.password == nil
    else { return nil }
    return text
  }

  private static func clean(_ text: String, _ limit: Int, keepingLines: Bool) -> String {
    var kept = String.UnicodeScalarView()
    var count = 0
    var isBlank = true
    for scalar in text.unicodeScalars {
      if count >= limit { break }
      let isLineEnd = scalar == "\n" && keepingLines
      if isLineEnd {
        kept.append("\n")
        count += 1
        isBlank = true
      } else if scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" {
        if isBlank { continue }
        kept.append(" ")
        count += 1
        isBlank = true
      } else if !isUnfit(scalar) {
        kept.append(scalar)
        count += 1
        isBlank = false
      }
    }
    return String(kept).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func isUnfit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      true
    default: false
    }
  }
}

/// Labels within their bounds.
struct AlertLabels: Sendable, Hashable {
  /// How many are kept.
  static let most = 30
  /// How many characters of a value are.
  static let valueLength = 300

  /// What says what an alert is, whose, and of what.
  private static let deciding: Set<String> = [
    "alertname", "severity", "namespace", "application", "label_app_kubernetes_io_name",
    "deployment", "horizontalpodautoscaler", "pod",
  ]

  let all: [String: String]

  /// - Parameter labels: as they came; those whose names are none are left out.
  init(_ labels: [String: String]) {
    var kept: [String: String] = [:]
    // Those that decide first, then by name, so that the same ones are kept each time.
    let ordered = labels.sorted {
      (Self.deciding.contains($0.key) ? 0 : 1, $0.key)
        < (Self.deciding.contains($1.key) ? 0 : 1, $1.key)
    }
    for (name, value) in ordered
    where kept.count < Self.most && Self.isName(name) {
      let value = AlertText.line(value, Self.valueLength)
      if !value.isEmpty { kept[name] = value }
    }
    all = kept
  }

  /// Of Prometheus' data model: letters, digits and underscores.
  private static func isName(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count)
      && name.utf8.allSatisfy(ASCII.isWord) && name.utf8.first.map(ASCII.isDigit) == false
  }

  subscript(_ name: String) -> String? { all[name] }
}
