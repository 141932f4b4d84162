/// Checks that each value in a YAML template is a whole scalar, so that what a
/// person typed can't become a key, a second document or a part of other text.
///
/// Block tags have lines of their own, so lines can be judged one by one.
struct YAMLChecker {
  private let source: SourceText
  private var diagnostics: Diagnostics
  private var found = ValueStyles()
  private var line: [Piece] = []
  /// Where the last text of the line begins, for messages about the whole line.
  private var lineOffset = 0
  /// How far the line that began a block scalar (`key: |`) is from the left.
  private var blockScalarIndentation: Int?

  private enum Piece {
    case text([UInt8])
    case value(tag: Int)
  }

  static func check(
    _ template: ParsedTemplate, into diagnostics: inout Diagnostics
  ) -> ValueStyles {
    var checker = YAMLChecker(source: template.source, diagnostics: diagnostics)
    checker.check(template.nodes)
    checker.finishLine()
    diagnostics = checker.diagnostics
    return checker.found
  }

  private init(source: SourceText, diagnostics: Diagnostics) {
    self.source = source
    self.diagnostics = diagnostics
  }

  private mutating func check(_ nodes: [Node]) {
    for node in nodes {
      switch node {
      case .text(let range): checkText(range)
      case .value(let path, let kind, let tag):
        found.styles[tag] = .yaml
        if kind == .raw {
          diagnostics.report(
            "there is no {{{\(path.text)}}} in YAML; write {{\(path.text)}}", at: tag)
        }
        if kind == .sentence {
          diagnostics.report("a manifest has no language; write {{\(path.text)}}", at: tag)
        }
        line.append(.value(tag: tag))
      case .conditional(_, _, let branches), .each(_, _, let branches), .with(_, _, let branches):
        requireOwnLine(branches.tag)
        check(branches.body)
        if let otherwise = branches.otherwise {
          requireOwnLine(branches.tag)
          check(otherwise)
        }
        requireOwnLine(branches.end)
      case .partial(let call): checkPartial(call)
      case .block(let tag):
        diagnostics.report("there are no layouts in YAML", at: tag)
      }
    }
  }

  private mutating func checkPartial(_ call: PartialCall) {
    requireOwnLine(call.tag)
    if call.indentation == nil {
      diagnostics.report("in YAML a partial must be alone on its line", at: call.tag)
    }
    if let block = call.block {
      diagnostics.report("there are no layouts in YAML", at: call.tag)
      check(block)
    }
  }

  private mutating func checkText(_ range: Range<Int>) {
    let parts = source.bytes[range].split(separator: .lineFeed, omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index > 0 { finishLine() }
      lineOffset = part.startIndex
      if !part.isEmpty { line.append(.text(Array(part))) }
    }
  }

  private mutating func requireOwnLine(_ offset: Int) {
    let isBlank = line.allSatisfy {
      if case .text(let text) = $0 { text.allSatisfy(\.isWhitespace) } else { false }
    }
    if !isBlank {
      diagnostics.report("in YAML a block tag must be alone on its line", at: offset)
    }
    line = []
  }

  // MARK: Lines

  private mutating func finishLine() {
    defer { line = [] }
    let isInBlockScalar = trackBlockScalar()
    var rest = line[...]
    guard let firstValue = nextValue(rest) else {
      if !isInBlockScalar { checkQuotes() }
      return
    }
    if isInBlockScalar {
      return refuse(firstValue, "within a block scalar ('|' or '>')")
    }
    var prefix: [UInt8] = []
    var isItem = false
    if case .text(let text)? = rest.first {
      prefix = afterDashes(text)
      isItem = text.contains(UInt8(ascii: "-"))
      rest.removeFirst()
    }
    if prefix.isEmpty {
      checkKeyOrScalar(rest, isItem: isItem)
    } else if isKey(prefix) {
      checkScalar(rest)
    } else {
      refuse(firstValue, "after '\(String(decoding: prefix, as: UTF8.self))'")
    }
  }

  private func nextValue(_ pieces: ArraySlice<Piece>) -> Int? {
    for case .value(let tag) in pieces { return tag }
    return nil
  }

  /// The line starts with a value, perhaps after `- `.
  private mutating func checkKeyOrScalar(_ pieces: ArraySlice<Piece>, isItem: Bool) {
    var rest = pieces
    guard case .value(let tag)? = rest.first else { return }
    guard case .text(let text)? = rest.dropFirst().first, text.first == UInt8(ascii: ":"),
      text.count == 1 ? rest.count == 2 : text[1].isWhitespace
    else {
      // On a line of its own it might go on with a text that began further up.
      return isItem ? checkScalar(pieces) : refuse(tag, "at the start of a line")
    }
    found.styles[tag] = .yamlKey
    rest = rest.dropFirst(2)
    guard let value = nextValue(rest) else { return }
    if text.dropFirst().allSatisfy(\.isWhitespace) {
      checkScalar(rest)
    } else {
      refuse(value, "after '\(String(decoding: text.dropFirst(2), as: UTF8.self))'")
    }
  }

  /// A value and nothing more.
  private mutating func checkScalar(_ pieces: ArraySlice<Piece>) {
    guard case .value(let tag)? = pieces.first else { return }
    guard let next = pieces.dropFirst().first else { return }
    guard case .text(let text) = next, pieces.count == 2 else {
      return refuse(tag, "beside other text")
    }
    let content = text.drop(while: \.isWhitespace)
    let isComment = content.first == UInt8(ascii: "#") && content.count < text.count
    if !content.isEmpty && !isComment { refuse(tag, "beside other text") }
  }

  /// A quoted text that goes on behind its line could swallow values.
  private mutating func checkQuotes() {
    guard case .text(let text)? = line.first else { return }
    var content = afterDashes(text)[...]
    if let colon = content.firstIndex(of: UInt8(ascii: ":")),
      isKey(Array(content[...colon]) + [.space])
    {
      content = content[(colon + 1)...]
    }
    content = content.drop(while: \.isWhitespace)
    guard let quote = content.first, "\"'".utf8.contains(quote) else { return }
    if !content.dropFirst().contains(quote) {
      diagnostics.report("a quoted text must end on its line", at: lineOffset)
    }
  }

  private mutating func refuse(_ tag: Int, _ place: String) {
    diagnostics.report(
      "a value can't stand \(place); in YAML it must be the whole of 'key: {{value}}' or "
        + "'- {{value}}', so make the whole text in the view", at: tag)
  }

  /// `text` without indentation and `- ` marks.
  private func afterDashes(_ text: [UInt8]) -> [UInt8] {
    var rest = text.drop { $0 == .space }
    while rest.first == UInt8(ascii: "-"), rest.dropFirst().first == .space {
      rest = rest.dropFirst(2).drop { $0 == .space }
    }
    return Array(rest)
  }

  /// Whether `text` is a mapping key up to its value: `key: ` or `"key": `.
  private func isKey(_ text: [UInt8]) -> Bool {
    let content = Array(text.reversed().drop(while: \.isBlank).reversed())
    guard content.count < text.count, content.last == UInt8(ascii: ":") else { return false }
    var key = content.dropLast()
    if key.count > 2, key.first == .quote, key.last == .quote {
      key = key.dropFirst().dropLast()
    }
    return !key.isEmpty
      && key.allSatisfy { $0.isLetter || $0.isDigit || "_-./$".utf8.contains($0) }
  }

  /// Returns whether the line belongs to a block scalar, and notices where one
  /// begins.
  private mutating func trackBlockScalar() -> Bool {
    var text: [UInt8] = []
    for case .text(let piece) in line { text += piece }
    let indentation = text.prefix { $0 == .space }.count
    let isBlank = nextValue(line[...]) == nil && text.allSatisfy(\.isWhitespace)
    if let start = blockScalarIndentation {
      if isBlank || indentation > start { return true }
      blockScalarIndentation = nil
    }
    let indicators = Array("|>+-0123456789".utf8)
    let content = Array(text.reversed().drop(while: \.isWhitespace).reversed())
    let header = content.reversed().prefix { indicators.contains($0) }
    let isHeader =
      header.last == UInt8(ascii: "|") || header.last == UInt8(ascii: ">")
    let before = content.dropLast(header.count).last
    if isHeader, before == nil || before == .space { blockScalarIndentation = indentation }
    return false
  }
}
