internal import Foundation

/// The part of Go's templates that annotations of alert rules use: `$labels.x`,
/// `$value`, and Prometheus' functions that write numbers
/// (prometheus.io/docs/prometheus/latest/configuration/template_reference).
struct AlertTemplate: Sendable {
  let labels: [String: String]
  let value: Double

  /// A text with its templates filled in; nil when it has one of another kind.
  func render(_ text: String) -> String? {
    var result = ""
    var rest = Substring(text)
    while let start = rest.range(of: "{{") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.range(of: "}}") else { return nil }
      guard let filled = fill(rest[..<end.lowerBound]) else { return nil }
      result += filled
      rest = rest[end.upperBound...]
      if result.utf8.count > 10_000 { return nil }
    }
    return result + rest
  }

  /// What stands between the braces.
  private func fill(_ action: Substring) -> String? {
    let parts = action.split(separator: "|", omittingEmptySubsequences: false).map {
      String($0).trimmingSpaces()
    }
    guard let first = parts.first else { return nil }
    let words = first.split(separator: " ").map(String.init)
    guard words.count <= 2, var name = words.last else { return nil }
    var functions = Array(parts.dropFirst())
    if words.count == 2 {
      functions.insert(words[0], at: 0)
      name = words[1]
    }
    if name == "$value" {
      guard functions.count <= 1 else { return nil }
      guard let function = functions.first else { return Self.plain(value) }
      return Self.write(value, as: function)
    }
    guard name.hasPrefix("$labels.") else { return nil }
    let text = labels[String(name.dropFirst(8))] ?? ""
    guard let function = functions.first else { return text }
    guard functions.count == 1, let number = Double(text) else { return nil }
    return Self.write(number, as: function)
  }

  /// A number as one of Prometheus' functions writes it; nil for another one.
  static func write(_ value: Double, as function: String) -> String? {
    switch function {
    case "humanize": humanize(value)
    case "humanize1024": humanize1024(value)
    case "humanizePercentage": "\(short(value * 100))%"
    case "humanizeDuration": duration(value)
    default: nil
    }
  }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }

  private static func plain(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let isWhole = value == value.rounded() && abs(value) < 1e15
    return isWhole ? String(format: "%.0f", value) : "\(value)"
  }

  private static func humanize(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return short(value) }
    var value = value
    var prefix = ""
    if abs(value) >= 1 {
      for next in ["k", "M", "G", "T", "P", "E", "Z", "Y"] where abs(value) >= 1000 {
        value /= 1000
        prefix = next
      }
    } else {
      for next in ["m", "u", "n", "p", "f", "a", "z", "y"] where abs(value) < 1 {
        value *= 1000
        prefix = next
      }
    }
    return short(value) + prefix
  }

  private static func humanize1024(_ value: Double) -> String {
    guard abs(value) > 1, value.isFinite else { return short(value) }
    var value = value
    var prefix = ""
    for next in ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"] where abs(value) >= 1024 {
      value /= 1024
      prefix = next
    }
    return short(value) + prefix
  }

  private static func duration(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return short(value) }
    if value == 0 { return "0s" }
    guard abs(value) >= 1 else { return humanize(value) + "s" }
    let sign = value < 0 ? "-" : ""
    let whole = Int(abs(value))
    let (seconds, minutes, hours, days) = (
      whole % 60, whole / 60 % 60, whole / 3600 % 24, whole / 86_400
    )
    if days > 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
    if hours > 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
    if minutes > 0 { return "\(sign)\(minutes)m \(seconds)s" }
    return short(value) + "s"
  }
}
