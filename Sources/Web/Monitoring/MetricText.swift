import Domain

/// What is measured, as people read it: `212m`, `1.5 GiB`, `12.5 %`.
///
/// A value is written in the magnitude that suits it, with three significant
/// digits, as Kubernetes and the deploy form write theirs.
enum MetricText {
  /// A magnitude of a unit: from which value on, and what is written.
  struct Magnitude: Sendable {
    /// What the value is divided by.
    let size: Double
    /// Written after the number: "m", " MiB".
    let suffix: String
    /// Read aloud after the number: " millicores".
    let words: String
  }

  /// `212m`, `1.5 cores`, `384 MiB`, `4.2/s`, `12 ms`, `3`.
  static func text(_ value: Double, _ unit: MetricChart.Unit) -> String {
    let magnitude = magnitude(of: value, unit)
    return counted(value / magnitude.size, magnitude.suffix)
  }

  /// The same beside an axis, where the unit of a bare number is clear.
  static func tick(_ value: Double, _ unit: MetricChart.Unit) -> String {
    guard value > 0 else { return "0" }
    let magnitude = magnitude(of: value, unit)
    return number(value / magnitude.size)
      + (unit == .cores && magnitude.size == 1 ? "" : magnitude.suffix)
  }

  /// The same as a sentence says it: "212 millicores", "4.2 a second".
  static func words(_ value: Double, _ unit: MetricChart.Unit) -> String {
    let magnitude = magnitude(of: value, unit)
    return counted(value / magnitude.size, magnitude.words)
  }

  /// "1 core", "2 cores"
  private static func counted(_ value: Double, _ unit: String) -> String {
    let digits = number(value)
    let isOneWord = digits == "1" && unit.count > 3 && unit.hasSuffix("s")
    return digits + (isOneWord ? String(unit.dropLast()) : unit)
  }

  /// The magnitude in which three significant digits of a value need no
  /// exponent and few zeros.
  static func magnitude(of value: Double, _ unit: MetricChart.Unit) -> Magnitude {
    let all = magnitudes(of: unit)
    // What rounds up to the next magnitude is written in that one: 1 GiB, not 1,024 MiB.
    let rounded = abs(value) * 1.000_5
    return all.last { $0.size <= rounded } ?? all[0]
  }

  private static func magnitudes(of unit: MetricChart.Unit) -> [Magnitude] {
    switch unit {
    case .cores: cores
    case .bytes: bytes
    case .bytesPerSecond: bytesPerSecond
    case .perSecond: perSecond
    case .seconds: seconds
    case .ratio: ratio
    case .count: count
    }
  }

  private static let cores = [
    Magnitude(size: 0.001, suffix: "m", words: " millicores"),
    Magnitude(size: 1, suffix: " cores", words: " cores"),
  ]
  private static let bytes = binary(suffix: "", words: "")
  private static let bytesPerSecond = binary(suffix: "/s", words: " a second")
  private static let perSecond = [
    Magnitude(size: 1, suffix: "/s", words: " a second"),
    Magnitude(size: 1e3, suffix: "k/s", words: " thousand a second"),
    Magnitude(size: 1e6, suffix: "M/s", words: " million a second"),
  ]
  private static let seconds = [
    Magnitude(size: 1e-6, suffix: " µs", words: " microseconds"),
    Magnitude(size: 1e-3, suffix: " ms", words: " milliseconds"),
    Magnitude(size: 1, suffix: " s", words: " seconds"),
  ]
  private static let ratio = [Magnitude(size: 0.01, suffix: " %", words: " percent")]
  private static let count = [
    Magnitude(size: 1, suffix: "", words: ""),
    Magnitude(size: 1e6, suffix: "M", words: " million"),
  ]

  private static func binary(suffix: String, words: String) -> [Magnitude] {
    ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].enumerated().map { index, name in
      Magnitude(
        size: Double(1 << (10 * index)), suffix: " \(name)\(suffix)", words: " \(name)\(words)")
    }
  }

  /// Up to three significant digits, without zeros at the end; thousands are
  /// grouped.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    // Beyond that a decimal number tells nothing.
    guard size < 1e15 else { return value < 0 ? "less than −10¹⁵" : "more than 10¹⁵" }
    let places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.099_5 ? 2 : 3
    let scale = [1.0, 10, 100, 1000][places]
    let scaled = Int64((size * scale).rounded())
    let unit = Int64(scale)
    let sign = value < 0 && scaled > 0 ? "−" : ""
    var fraction = places == 0 ? "" : String(String(scaled % unit + unit).dropFirst())
    while fraction.last == "0" { fraction.removeLast() }
    return sign + grouped(scaled / unit) + (fraction.isEmpty ? "" : "." + fraction)
  }

  private static func grouped(_ number: Int64) -> String {
    guard number >= 1000 else { return String(number) }
    return grouped(number / 1000) + "," + String(String(number % 1000 + 1000).dropFirst())
  }
}
