import Foundation

/// What style sheets never contain, so that one place decides about colours, a page can be turned
/// around for who reads from right to left, and nothing is carried that no page shows.
enum StyleRules {
  /// A style sheet without its comments, line by line as it was.
  static func uncommented(_ text: String) -> String {
    text.replacing(/\/\*[\s\S]*?\*\//) { match in
      String(repeating: "\n", count: match.output.count { $0 == "\n" })
    }
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
    let bare = uncommented(text).replacing(/"[^"]*"/, with: "")
    let selectors = bare.matches(of: /([^{};]+)\{/).map { String($0.1) }
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
    for match in text.matches(of: /\bclass="([^"]*)"/) {
      let names = match.1.replacing(block, with: " ").replacing(/\{\{[^}]*\}\}/, with: "\u{0}")
      for name in names.split(whereSeparator: \.isWhitespace).map(String.init) {
        if let value = name.firstIndex(of: "\u{0}") {
          if value != name.startIndex { beginnings.insert(String(name[..<value])) }
        } else {
          written[name] = path
        }
      }
    }
  }

  mutating func add(code text: String) {
    for literal in text.matches(of: /"([^"\n]*)"|'([^'\n]*)'|`([^`\n]*)`/) {
      let literal = String(literal.1 ?? literal.2 ?? literal.3 ?? "")
      for word in literal.matches(of: /[A-Za-z_][\w-]*/) { words.insert(String(word.0)) }
      for start in literal.matches(of: /([A-Za-z_][\w-]*-)(?:\\\(|\$\{)/) {
        beginnings.insert(String(start.1))
      }
    }
  }

  func contains(_ name: String) -> Bool {
    written[name] != nil || words.contains(name) || beginnings.contains(where: name.hasPrefix)
  }
}
