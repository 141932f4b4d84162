/// How template and file names become Swift names.
enum SwiftNames {
  /// `not-found` → `notFound`, `_row` → `row`.
  static func member(_ name: some StringProtocol) -> String {
    let words = words(name)
    guard let first = words.first else { return "" }
    return first.prefix(1).lowercased() + first.dropFirst()
      + words.dropFirst().map(capitalized).joined()
  }

  /// `admin-users` → `AdminUsers`.
  static func type(_ name: some StringProtocol) -> String {
    words(name).map(capitalized).joined()
  }

  /// `projects/_row` → `Template.Projects.row`.
  static func function(of template: String) -> String {
    let parts = template.split(separator: "/")
    return (["Template"] + parts.dropLast().map { type($0) } + [member(parts.last ?? "")])
      .joined(separator: ".")
  }

  /// `name` where it is declared, in backquotes if it is a word of the language.
  static func declared(_ name: String) -> String {
    reserved.contains(name) ? "`\(name)`" : name
  }

  /// Whether a parameter or the variable of a block may be called that.
  static func canBeVariable(_ name: String) -> Bool {
    !reserved.contains(name)
  }

  /// `text` as a Swift string literal on one line.
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where needsEscape(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
      .nonspacingMark, .enclosingMark, .spacingMark:
      true
    default: false
    }
  }

  private static func words(_ name: some StringProtocol) -> [String] {
    let parts = name.utf8.split { !$0.isLetter && !$0.isDigit }
    return parts.map { String(decoding: Array($0), as: UTF8.self) }
  }

  private static func capitalized(_ word: String) -> String {
    word.prefix(1).uppercased() + word.dropFirst()
  }

  private static let reserved: Set<String> = [
    "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
    "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for",
    "func", "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "nil",
    "operator", "precedencegroup", "private", "protocol", "public", "repeat", "rethrows",
    "return", "self", "static", "struct", "subscript", "super", "switch", "throw", "throws",
    "true", "try", "typealias", "var", "where", "while",
  ]
}
