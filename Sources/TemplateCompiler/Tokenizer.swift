/// A piece of a template: text, or what stands between `{{` and `}}`.
struct Token {
  enum Kind: Equatable {
    case text
    /// `{{…}}`; `content` is without the braces.
    case tag
    /// `{{{…}}}`.
    case raw
    case comment
  }

  let kind: Kind
  /// All of it, with braces.
  var range: Range<Int>
  /// What is between the braces; for text the same as `range`.
  let content: Range<Int>
  /// How many blanks precede a tag that has its line for itself.
  var indentation: Int?
}

/// Splits a template into text and tags, and drops the lines that hold only a
/// block tag, a partial or a comment.
struct Tokenizer {
  private let bytes: [UInt8]
  private var tokens: [Token] = []
  private var diagnostics: Diagnostics

  private init(_ diagnostics: Diagnostics) {
    bytes = diagnostics.source.bytes
    self.diagnostics = diagnostics
  }

  static func tokens(of source: SourceText, into diagnostics: inout Diagnostics) -> [Token] {
    var tokenizer = Tokenizer(diagnostics)
    tokenizer.split()
    tokenizer.dropStandaloneLines()
    diagnostics = tokenizer.diagnostics
    return tokenizer.tokens.filter { $0.kind != .comment && !$0.range.isEmpty }
  }

  private mutating func split() {
    var textStart = 0
    var index = 0
    while index < bytes.count {
      guard has("{{", at: index) else {
        index += 1
        continue
      }
      if index > textStart, bytes[index - 1] == UInt8(ascii: "\\") {
        appendText(textStart..<(index - 1))
        appendText(index..<(index + 2))
        index += 2
        textStart = index
        continue
      }
      appendText(textStart..<index)
      guard let token = tag(at: index) else {
        textStart = bytes.count
        break
      }
      tokens.append(token)
      index = token.range.upperBound
      textStart = index
    }
    appendText(textStart..<bytes.count)
  }

  private mutating func appendText(_ range: Range<Int>) {
    if !range.isEmpty { tokens.append(Token(kind: .text, range: range, content: range)) }
  }

  private mutating func tag(at start: Int) -> Token? {
    let isRaw = has("{{{", at: start)
    let isLongComment = has("{{!--", at: start)
    let isComment = isLongComment || has("{{!", at: start)
    let open = isRaw ? 3 : isLongComment ? 5 : isComment ? 3 : 2
    let close = isRaw ? "}}}" : isLongComment ? "--}}" : "}}"
    var index = start + open
    var isQuoted = false
    while index < bytes.count {
      if !isQuoted, has(close, at: index) {
        let end = index + close.utf8.count
        let kind: Token.Kind = isComment ? .comment : isRaw ? .raw : .tag
        return Token(kind: kind, range: start..<end, content: (start + open)..<index)
      }
      if !isComment, has("{{", at: index), !isQuoted { break }
      if !isComment, bytes[index] == .quote { isQuoted.toggle() }
      index += 1
    }
    diagnostics.report(
      isComment
        ? "this comment never ends; close it with '\(close)'"
        : "this tag never ends; close it with '\(close)' (to show two braces, write '\\{{')",
      at: start)
    return nil
  }

  private func has(_ text: String, at index: Int) -> Bool {
    bytes[index...].starts(with: text.utf8)
  }

  /// Takes lines away on which one tag stands alone and that tag shows nothing
  /// itself, so that blocks leave no blank lines in YAML.
  private mutating func dropStandaloneLines() {
    for index in tokens.indices where canStandAlone(tokens[index]) {
      let range = tokens[index].range
      var lineStart = range.lowerBound
      while lineStart > 0, bytes[lineStart - 1].isBlank { lineStart -= 1 }
      guard lineStart == 0 || bytes[lineStart - 1] == .lineFeed else { continue }
      var lineEnd = range.upperBound
      while lineEnd < bytes.count, bytes[lineEnd].isBlank || bytes[lineEnd] == .carriageReturn {
        lineEnd += 1
      }
      guard lineEnd == bytes.count || bytes[lineEnd] == .lineFeed else { continue }
      lineEnd = min(lineEnd + 1, bytes.count)
      tokens[index].indentation = range.lowerBound - lineStart
      if index > 0, tokens[index - 1].kind == .text {
        let text = tokens[index - 1].range
        let end = min(text.upperBound, lineStart)
        tokens[index - 1].range = min(text.lowerBound, end)..<end
      }
      if index + 1 < tokens.count, tokens[index + 1].kind == .text {
        let text = tokens[index + 1].range
        let start = max(text.lowerBound, lineEnd)
        tokens[index + 1].range = start..<max(start, text.upperBound)
      }
    }
  }

  private func canStandAlone(_ token: Token) -> Bool {
    switch token.kind {
    case .comment: return true
    case .text, .raw: return false
    case .tag:
      let content = bytes[token.content].drop(while: \.isWhitespace)
      if let first = content.first, "#/>@".utf8.contains(first) { return true }
      return content.starts(with: "else".utf8)
        && (content.dropFirst(4).first.map { $0.isWhitespace } ?? true)
    }
  }
}
