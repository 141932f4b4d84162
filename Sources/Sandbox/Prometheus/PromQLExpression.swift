/// The part of PromQL that the sandbox answers: what charts ask
/// (docs/monitoring.md), read by structure. Anything else is refused in words.
indirect enum PromQLExpression: Sendable, Equatable {
  case number(Double)
  case selector(PromQLSelector)
  /// A function over the last seconds of a selector.
  case windowed(Function, PromQLSelector, seconds: Double)
  /// The highest value of what is computed at each step of the last seconds.
  case highest(PromQLExpression, seconds: Double, step: Double)
  case quantile(Double, PromQLExpression)
  case labelReplace(
    PromQLExpression, label: String, replacement: String, source: String, pattern: String)
  case aggregate(Aggregation, by: [String], PromQLExpression)
  case top(Int, PromQLExpression)
  case binary(Operator, PromQLExpression, PromQLExpression)

  enum Function: String, Sendable {
    case rate
    case highest = "max_over_time"
  }

  enum Aggregation: String, Sendable {
    case sum, max, count
  }

  enum Operator: String, Sendable {
    case divide = "/"
    case multiply = "*"
    case or
  }
}

/// Which series: a metric's name, and what its labels must be.
struct PromQLSelector: Sendable, Equatable {
  enum Comparison: String, Sendable {
    case equal = "="
    case notEqual = "!="
    case matches = "=~"
  }

  struct Matcher: Sendable, Equatable {
    let label: String
    let comparison: Comparison
    let value: String
  }

  let metric: String
  var matchers: [Matcher] = []

  /// The one namespace that it asks for, if it does.
  var namespace: String? {
    matchers.first {
      ["namespace", "exported_namespace"].contains($0.label) && $0.comparison == .equal
    }?.value
  }
}

/// What Prometheus calls `bad_data`.
struct PromQLMistake: Error, Sendable, Equatable {
  let message: String
}

/// Reads an expression from left to right.
struct PromQLParser {
  private let text: [UInt8]
  private var position = 0

  /// - Throws: ``PromQLMistake`` for what isn't PromQL, and for PromQL that the
  ///   sandbox can't answer.
  static func parse(_ text: String) throws(PromQLMistake) -> PromQLExpression {
    var parser = PromQLParser(text: Array(text.utf8))
    let expression = try parser.expression(depth: 0)
    guard parser.peek() == nil else { throw parser.mistake("more text") }
    return expression
  }

  private init(text: [UInt8]) {
    self.text = text
  }

  // MARK: Grammar

  private mutating func expression(depth: Int) throws(PromQLMistake) -> PromQLExpression {
    guard depth < 20 else { throw mistake("more than twenty levels") }
    if take("(") {
      let left = try expression(depth: depth + 1)
      let sign = try operation()
      let right = try expression(depth: depth + 1)
      try expect(")")
      return .binary(sign, left, right)
    }
    if let first = peek(), ("0"..."9").contains(Character(UnicodeScalar(first))) {
      return .number(try number())
    }
    let name = try word()
    if let function = PromQLExpression.Function(rawValue: name) {
      try expect("(")
      if function == .highest, peek() == UInt8(ascii: "(") { return try subquery(depth: depth) }
      let selector = try selector(try word())
      let seconds = try window()
      try expect(")")
      return .windowed(function, selector, seconds: seconds)
    }
    if let aggregation = PromQLExpression.Aggregation(rawValue: name) {
      let labels = try grouping()
      try expect("(")
      let inner = try expression(depth: depth + 1)
      try expect(")")
      return .aggregate(aggregation, by: labels, inner)
    }
    switch name {
    case "topk":
      try expect("(")
      let count = try number()
      try expect(",")
      let inner = try expression(depth: depth + 1)
      try expect(")")
      return .top(Int(min(count, 1000)), inner)
    case "histogram_quantile":
      try expect("(")
      let share = try number()
      try expect(",")
      let inner = try expression(depth: depth + 1)
      try expect(")")
      return .quantile(share, inner)
    case "label_replace": return try labelReplace(depth: depth)
    default:
      if peek() == UInt8(ascii: "(") { throw mistake("the function “\(name)”") }
      return .selector(try selector(name))
    }
  }

  /// `(EXPRESSION)[600s:60s])`, after the function's own parenthesis.
  private mutating func subquery(depth: Int) throws(PromQLMistake) -> PromQLExpression {
    try expect("(")
    let inner = try expression(depth: depth + 1)
    try expect(")")
    try expect("[")
    let seconds = try number()
    try expect("s")
    try expect(":")
    let step = try number()
    try expect("s")
    try expect("]")
    try expect(")")
    guard step > 0, seconds / step <= 1_000 else { throw mistake("such a step") }
    return .highest(inner, seconds: seconds, step: step)
  }

  private mutating func labelReplace(depth: Int) throws(PromQLMistake) -> PromQLExpression {
    try expect("(")
    let inner = try expression(depth: depth + 1)
    var strings: [String] = []
    for _ in 0..<4 {
      try expect(",")
      strings.append(try string())
    }
    try expect(")")
    return .labelReplace(
      inner, label: strings[0], replacement: strings[1], source: strings[2], pattern: strings[3])
  }

  private mutating func operation() throws(PromQLMistake) -> PromQLExpression.Operator {
    if take("/") { return .divide }
    if take("*") { return .multiply }
    let name = try word()
    guard let known = PromQLExpression.Operator(rawValue: name) else {
      throw mistake("the operator “\(name)”")
    }
    return known
  }

  private mutating func grouping() throws(PromQLMistake) -> [String] {
    skipSpace()
    guard text[position...].starts(with: "by".utf8) else { return [] }
    _ = try word()
    try expect("(")
    var labels: [String] = []
    while !take(")") {
      if !labels.isEmpty { try expect(",") }
      labels.append(try word())
    }
    return labels
  }

  private mutating func selector(_ metric: String) throws(PromQLMistake) -> PromQLSelector {
    var selector = PromQLSelector(metric: metric)
    guard take("{") else { return selector }
    while !take("}") {
      if !selector.matchers.isEmpty { try expect(",") }
      let label = try word()
      let comparison: PromQLSelector.Comparison =
        take("!=") ? .notEqual : take("=~") ? .matches : .equal
      if comparison == .equal { try expect("=") }
      selector.matchers.append(
        .init(label: label, comparison: comparison, value: try string()))
    }
    return selector
  }

  private mutating func window() throws(PromQLMistake) -> Double {
    try expect("[")
    let seconds = try number()
    try expect("s")
    try expect("]")
    return seconds
  }

  // MARK: Words

  private mutating func word() throws(PromQLMistake) -> String {
    skipSpace()
    let start = position
    while position < text.count, isWord(text[position]) { position += 1 }
    guard start < position else { throw mistake(nil) }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private mutating func number() throws(PromQLMistake) -> Double {
    skipSpace()
    let start = position
    while position < text.count, isDigit(text[position]) || text[position] == 0x2E {
      position += 1
    }
    guard let value = Double(String(decoding: text[start..<position], as: UTF8.self)),
      value.isFinite
    else { throw mistake(nil) }
    return value
  }

  /// In double quotes, with the escapes that charts write.
  private mutating func string() throws(PromQLMistake) -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while position < text.count {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\n"): throw mistake("a string over two lines")
      case UInt8(ascii: "\\"): bytes.append(contentsOf: try escaped())
      default: bytes.append(byte)
      }
    }
    throw mistake("a string without an end")
  }

  private mutating func escaped() throws(PromQLMistake) -> [UInt8] {
    guard position < text.count else { throw mistake("a string without an end") }
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): return [byte]
    case UInt8(ascii: "x"): return [UInt8](try character(digits: 2).utf8)
    case UInt8(ascii: "u"): return [UInt8](try character(digits: 4).utf8)
    default: throw mistake("an escape")
    }
  }

  private mutating func character(digits count: Int) throws(PromQLMistake) -> String {
    let digits = String(decoding: text[position...].prefix(count), as: UTF8.self)
    guard digits.utf8.count == count, let value = UInt32(digits, radix: 16),
      let scalar = UnicodeScalar(value), count > 2 || value < 0x80
    else { throw mistake("an escape") }
    position += count
    return String(Character(scalar))
  }

  private mutating func expect(_ sign: String) throws(PromQLMistake) {
    guard take(sign) else { throw mistake(nil) }
  }

  private mutating func take(_ sign: String) -> Bool {
    skipSpace()
    guard text[position...].starts(with: sign.utf8) else { return false }
    position += sign.utf8.count
    return true
  }

  private mutating func peek() -> UInt8? {
    skipSpace()
    return position < text.count ? text[position] : nil
  }

  private mutating func skipSpace() {
    while position < text.count, text[position] == 0x20 { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }

  private func mistake(_ what: String?) -> PromQLMistake {
    let rest = String(decoding: text[min(position, text.count)...].prefix(30), as: UTF8.self)
    return PromQLMistake(
      message: "parse error: the sandbox answers only what BabyHelm's charts ask, and "
        + "\(what.map { "\($0) is not among it" } ?? "this isn't"): at \(position), “\(rest)”")
  }
}
