/// A stretch of text that is translated as one: words, and the values among
/// them, between two pieces of markup, or the words of an attribute.
struct TextUnit {
  enum Piece {
    case words(Range<Int>)
    case value(Path, ValueKind, tag: Int)
  }

  let pieces: [Piece]
  /// The English text as a catalogue has it: every stretch of white space is one
  /// blank, and a value is `{path}`.
  let key: String
  /// White space at the beginning and at the end, which belongs to the page.
  let margins: (leading: Range<Int>, trailing: Range<Int>)
  /// Where it begins.
  let offset: Int

  /// The values in it, by their paths.
  var values: [String: (path: Path, kind: ValueKind, tag: Int)] {
    var values: [String: (path: Path, kind: ValueKind, tag: Int)] = [:]
    for case .value(let path, let kind, let tag) in pieces {
      values[path.text] = (path, kind, tag)
    }
    return values
  }
}

/// A list of nodes, with the text in it taken apart.
enum Segment {
  case markup(Range<Int>)
  case unit(TextUnit)
  case node(Node)
}

/// Takes the text of templates apart into markup and what is read.
struct TextUnits {
  private let source: SourceText
  private let styles: ValueStyles
  private var segments: [Segment] = []
  private var pieces: [TextUnit.Piece] = []
  private var place: Int?

  static func segments(
    of nodes: [Node], in source: SourceText, _ styles: ValueStyles
  ) -> [Segment] {
    var units = TextUnits(source: source, styles: styles)
    for node in nodes { units.add(node) }
    units.finish()
    return units.segments
  }

  /// All units of a template, in the order in which they stand.
  static func all(in nodes: [Node], of source: SourceText, _ styles: ValueStyles) -> [TextUnit] {
    segments(of: nodes, in: source, styles).flatMap { segment -> [TextUnit] in
      switch segment {
      case .markup: []
      case .unit(let unit): [unit]
      case .node(let node): node.children.flatMap { all(in: $0, of: source, styles) }
      }
    }
  }

  private init(source: SourceText, styles: ValueStyles) {
    self.source = source
    self.styles = styles
  }

  private mutating func add(_ node: Node) {
    switch node {
    case .text(let range): add(range)
    case .value(let path, let kind, let tag):
      guard kind != .raw, let place = styles.places[tag] else {
        finish()
        segments.append(.node(node))
        return
      }
      add(.value(path, kind, tag: tag), at: place)
    default:
      finish()
      segments.append(.node(node))
    }
  }

  private mutating func add(_ range: Range<Int>) {
    var end = range.lowerBound
    for words in styles.words[range.lowerBound] ?? [] {
      addMarkup(end..<words.range.lowerBound)
      add(.words(words.range), at: words.place)
      end = words.range.upperBound
    }
    addMarkup(end..<range.upperBound)
  }

  private mutating func addMarkup(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    finish()
    segments.append(.markup(range))
  }

  private mutating func add(_ piece: TextUnit.Piece, at place: Int) {
    if self.place != place { finish() }
    self.place = place
    pieces.append(piece)
  }

  private mutating func finish() {
    defer {
      pieces = []
      place = nil
    }
    if let unit { return segments.append(.unit(unit)) }
    for piece in pieces {
      switch piece {
      case .words(let range): segments.append(.markup(range))
      case .value(let path, let kind, let tag):
        segments.append(.node(.value(path, kind, tag: tag)))
      }
    }
  }

  /// What was gathered, if a language is in it.
  private var unit: TextUnit? {
    let words = pieces.compactMap { piece -> ArraySlice<UInt8>? in
      if case .words(let range) = piece { source.bytes[range] } else { nil }
    }
    guard words.contains(where: Self.hasLetters) else { return nil }
    var key: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .words(let range):
        for byte in source.bytes[range] {
          if !byte.isWhitespace {
            key.append(byte)
          } else if key.last != .space {
            key.append(.space)
          }
        }
      case .value(let path, _, _): key += Array("{\(path.text)}".utf8)
      }
    }
    while key.first == .space { key.removeFirst() }
    while key.last == .space { key.removeLast() }
    return TextUnit(
      pieces: pieces, key: String(decoding: key, as: UTF8.self), margins: margins,
      offset: offset)
  }

  private var offset: Int {
    switch pieces.first {
    case .words(let range): range.lowerBound
    case .value(_, _, let tag): tag
    case nil: 0
    }
  }

  private var margins: (Range<Int>, Range<Int>) {
    var leading = 0..<0
    var trailing = 0..<0
    if case .words(let range) = pieces.first {
      let end = range.first { !source.bytes[$0].isWhitespace } ?? range.upperBound
      leading = range.lowerBound..<end
    }
    if case .words(let range) = pieces.last {
      let start = range.last { !source.bytes[$0].isWhitespace } ?? range.lowerBound
      trailing = (start + 1)..<range.upperBound
    }
    return (leading, trailing)
  }

  /// Whether letters stand in `text` other than the names of characters (`&nbsp;`).
  private static func hasLetters(_ text: ArraySlice<UInt8>) -> Bool {
    var isName = false
    for byte in text {
      if byte == UInt8(ascii: "&") { isName = true }
      if byte.isLetter && !isName { return true }
      if byte == UInt8(ascii: ";") || byte.isWhitespace { isName = false }
    }
    return false
  }
}

extension Node {
  /// The lists of nodes within this one.
  var children: [[Node]] {
    switch self {
    case .text, .value, .block: []
    case .conditional(_, _, let branches), .each(_, _, let branches), .with(_, _, let branches):
      [branches.body, branches.otherwise ?? []]
    case .partial(let call): [call.block ?? []]
    }
  }
}
