import Foundation

/// What style sheets never contain, so that one place decides about colours, a page can be turned
/// around for who reads from right to left, and nothing is carried that no page shows.
enum StyleRules {
  /// A style sheet without its comments, line by line as it was. By hand, as is
  /// all that reads whole files: regular expressions take seconds for them.
  static func uncommented(_ text: String) -> String {
    let pieces = text.components(separatedBy: "/*")
    return pieces.enumerated().map { index, piece in
      guard index > 0, let end = piece.range(of: "*/") else { return piece }
      let lines = piece[..<end.lowerBound].count { $0 == "\n" }
      return String(repeating: "\n", count: lines) + piece[end.upperBound...]
    }.joined()
  }

  /// Colours outside of the tokens, and sides that don't turn around.
  static func findings(path: String, text: String) -> [String] {
    let rules: [(Regex<Substring>, String)] = [
      (/(?:^|[^-\w])(?:margin|padding|border|inset)?-?(?:left|right)\b/, "a side by its hand"),
      (/(?:margin|padding|inset|border-width):(?:\s+[^\s;]+){4}\s*;/, "four sides in one"),
    ]
    let colours: [(Regex<Substring>, String)] = [
      (/#[0-9a-fA-F]{3,8}\b/, "a colour that is no token"),
      (/\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch|hwb)\(/, "a colour that is no token"),
      (
        /:[^;]*[\s:](?:white|black|red|green|blue|gr[ae]y|silver|orange|yellow|teal)\s*[;,)]/,
        "a colour that is no token"
      ),
    ]
    let isTokens = path.hasSuffix("/_tokens.css")
    return uncommented(text).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().flatMap { index, line in
        (isTokens ? rules : rules + colours)
          .filter { line.contains($0.0.plainWords) }
          .map { "\(path):\(index + 1): \($0.1)" }
      }
  }

  /// The classes that a style sheet has rules for.
  static func ruled(_ text: String) -> Set<String> {
    // What is between quotation marks is no selector.
    let quoted = uncommented(text).split(separator: "\"", omittingEmptySubsequences: false)
    let bare = quoted.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined()
    let selectors = bare.split(separator: "{", omittingEmptySubsequences: false).dropLast().map {
      $0.split(whereSeparator: { "};".contains($0) }).last ?? ""
    }
    return Set(
      selectors.flatMap { selector in
        selector.matches(of: /\.(-?[A-Za-z_][\w-]*)/).map { String($0.1) }
      })
  }
}

/// The classes that templates, scripts and views put on elements.
struct UsedClasses {
  /// As they stand in a template, with a template that has each.
  private(set) var written: [String: String] = [:]
  /// Beginnings of those whose end is a value: `badge-`.
  private(set) var beginnings: Set<String> = []
  /// Words in the strings of scripts and views, which may be classes.
  private(set) var words: Set<String> = []

  mutating func add(template text: String, path: String) {
    let block = /\{\{[#\/!]?(?:if|unless|each|with|else)[^}]*\}\}/
    for attribute in text.components(separatedBy: "class=\"").dropFirst() {
      let value = attribute.prefix { $0 != "\"" }
      let names = value.replacing(block, with: " ").replacing(/\{\{[^}]*\}\}/, with: "\u{0}")
      for name in names.split(whereSeparator: \.isWhitespace).map(String.init) {
        if let value = name.firstIndex(of: "\u{0}") {
          if value != name.startIndex { beginnings.insert(String(name[..<value])) }
        } else {
          written[name] = path
        }
      }
    }
  }

  /// Takes the words of all that stands in quotation marks on one line.
  mutating func add(code text: String) {
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      for quote in "\"'`".utf8 where line.contains(quote) {
        let parts = line.split(separator: quote, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() where !index.isMultiple(of: 2) {
          add(literal: part)
        }
      }
    }
  }

  private mutating func add(literal: Substring.UTF8View) {
    var word = literal.startIndex
    var index = literal.startIndex
    func isPart(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    while true {
      let byte = index < literal.endIndex ? literal[index] : nil
      if let byte, isPart(byte) {
        index = literal.index(after: index)
        continue
      }
      if word < index {
        let text = String(Substring(literal[word..<index]))
        words.insert(text)
        // A value follows, in Swift or in a script.
        if text.hasSuffix("-"), byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "$") {
          beginnings.insert(text)
        }
      }
      guard index < literal.endIndex else { return }
      index = literal.index(after: index)
      word = index
    }
  }

  func contains(_ name: String) -> Bool {
    written[name] != nil || words.contains(name) || beginnings.contains(where: name.hasPrefix)
  }
}
