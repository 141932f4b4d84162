/// Environment variables as a text of `NAME=value` lines, as in a `.env` file.
///
/// A value stands as it is, in single quotes as it is, or in double quotes with
/// `\n`, `\r`, `\t`, `\\`, `\"`, `\$` and a backslash before a back tick; quoted
/// values may have several lines. Nothing is expanded. A `#` after a blank begins
/// a comment.
public struct EnvironmentText: Sendable, Hashable {
  /// One variable, with the line it begins on, from 1.
  public struct Variable: Sendable, Hashable {
    public let name: String
    public let value: String
    public let line: Int
  }

  /// What is wrong with a line; the sentence never tells a value.
  public struct Mistake: Sendable, Hashable {
    public let line: Int
    public let sentence: String
  }

  /// In the order of the text, each name once.
  public private(set) var variables: [Variable] = []
  /// In the order of the text.
  public private(set) var mistakes: [Mistake] = []

  /// Reads a text. Whatever it holds, the lines that can be read are in
  /// ``variables``.
  public init(_ text: String) {
    var reader = EnvironmentReader(text)
    var firstLines: [String: Int] = [:]
    while let entry = reader.next() {
      switch entry {
      case .mistake(let mistake): mistakes.append(mistake)
      case .variable(let variable):
        if let first = firstLines[variable.name] {
          mistakes.append(
            Mistake(
              line: variable.line,
              sentence: "“\(variable.name)” is set on line \(first) already; keep one of them."))
        } else {
          firstLines[variable.name] = variable.line
          variables.append(variable)
        }
      }
    }
  }

  /// Writes variables so that reading the text gives exactly them.
  ///
  /// - Parameter rows: their names are valid and their values without NUL.
  public static func text(of rows: [ApplicationDraft.EnvironmentRow]) -> String {
    rows.map { "\($0.name)=\(quoted($0.value))\n" }.joined()
  }

  /// Whether a line can begin with this name.
  public static func isName(_ text: String) -> Bool {
    ApplicationDraft.isEnvironmentName(text)
  }

  private static func quoted(_ value: String) -> String {
    let scalars = value.unicodeScalars
    let isPlain = scalars.allSatisfy { scalar in
      scalar.isASCII
        && (ASCII.isWord(UInt8(scalar.value))
          || "-./:@%+,=?&~^*[]{}".unicodeScalars.contains(scalar))
    }
    if isPlain { return value }
    if !scalars.contains("'"), !scalars.contains("\r") { return "'\(value)'" }
    var text = String.UnicodeScalarView()
    for scalar in scalars {
      switch scalar {
      case "\r": text.append(contentsOf: "\\r".unicodeScalars)
      case "\\", "\"", "$", "`":
        text.append("\\")
        text.append(scalar)
      default: text.append(scalar)
      }
    }
    return "\"\(String(text))\""
  }
}

/// Goes through the text once, scalar by scalar: a `Character` would join a line
/// end with the carriage return before it, and a quote with the mark after it.
private struct EnvironmentReader {
  enum Entry {
    case variable(EnvironmentText.Variable)
    case mistake(EnvironmentText.Mistake)
  }

  private let scalars: [Unicode.Scalar]
  private var place = 0
  private var line = 1

  init(_ text: String) {
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    self.scalars = scalars
  }

  private var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  /// The next variable or mistake; nil at the end.
  mutating func next() -> Entry? {
    while let scalar = current {
      if scalar == "\n" {
        advance()
      } else if isBlank(scalar) {
        place += 1
      } else if scalar == "#" {
        skipLine()
      } else {
        return entry()
      }
    }
    return nil
  }

  private mutating func entry() -> Entry {
    let start = line
    var name = String.UnicodeScalarView()
    while let scalar = current, scalar != "=", scalar != "\n" {
      name.append(scalar)
      place += 1
    }
    var word = String(name).trimmingSpaces()
    if word.hasPrefix("export "), let rest = word.split(separator: " ").last, current == "=" {
      word = String(rest)
    }
    guard current == "=" else {
      return .mistake(.init(line: start, sentence: "Write a name, an equals sign and a value."))
    }
    place += 1
    let value = value()
    guard ApplicationDraft.isEnvironmentName(word) else {
      return .mistake(
        .init(
          line: start,
          sentence:
            "A variable's name has letters, digits and . _ - signs, and doesn't start with a digit."
        ))
    }
    switch value {
    case .success(let value):
      return .variable(.init(name: word, value: value, line: start))
    case .failure(let problem):
      return .mistake(.init(line: start, sentence: problem.sentence))
    }
  }

  private struct Problem: Error {
    let sentence: String
  }

  private mutating func value() -> Result<String, Problem> {
    while let scalar = current, isBlank(scalar) { place += 1 }
    guard let quote = current, quote == "\"" || quote == "'" else {
      return .success(plainValue())
    }
    place += 1
    guard let value = quotedValue(quote) else {
      return .failure(Problem(sentence: "The quote that opens here is never closed."))
    }
    var hasBlank = false
    while let scalar = current, isBlank(scalar) {
      hasBlank = true
      place += 1
    }
    let isEnd = current == nil || current == "\n" || (hasBlank && current == "#")
    skipLine()
    return isEnd
      ? .success(value)
      : .failure(
        Problem(sentence: "There is more after the closing quote; write \\\" for a quote within."))
  }

  /// To the end of the line or a comment, without the blanks around it.
  private mutating func plainValue() -> String {
    let first = place
    // The blanks before it, if any, were skipped.
    var wasBlank = first > 0 && isBlank(scalars[first - 1])
    while let scalar = current, scalar != "\n" {
      if scalar == "#", wasBlank { break }
      wasBlank = isBlank(scalar)
      place += 1
    }
    var last = place
    while last > first, isBlank(scalars[last - 1]) { last -= 1 }
    let value = scalars[first..<last]
    skipLine()
    return text(value)
  }

  /// After the opening quote; nil when the text ends first.
  private mutating func quotedValue(_ quote: Unicode.Scalar) -> String? {
    var value: [Unicode.Scalar] = []
    while let scalar = current {
      if scalar == quote {
        place += 1
        return text(value[...])
      }
      if scalar == "\r", place + 1 < scalars.count, scalars[place + 1] == "\n" {
        place += 1
      } else if scalar == "\\", quote == "\"", place + 1 < scalars.count,
        let escaped = Self.escapes[scalars[place + 1]]
      {
        value.append(escaped)
        place += 2
      } else {
        value.append(scalar)
        advance()
      }
    }
    return nil
  }

  private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
    "n": "\n", "r": "\r", "t": "\t", "\\": "\\", "\"": "\"", "$": "$", "`": "`",
  ]

  private func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\r"
  }

  private mutating func skipLine() {
    while let scalar = current, scalar != "\n" { place += 1 }
    if current != nil { advance() }
  }

  private mutating func advance() {
    if current == "\n" { line += 1 }
    place += 1
  }
}
