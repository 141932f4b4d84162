/// One template as it was read from disk.
struct SourceText {
  /// The name below the folder of templates, without ending: `projects/show`.
  let name: String
  /// The path to show in messages.
  let path: String
  let bytes: [UInt8]
  let format: Format
  /// Spaces that were put before each line but the first, see ``indented(by:)``.
  private(set) var indentation = 0
  private let lineStarts: [Int]

  enum Format {
    case html
    case yaml

    var ending: String {
      switch self {
      case .html: ".html.hbs"
      case .yaml: ".yaml.hbs"
      }
    }
  }

  init(name: String, path: String, bytes: [UInt8], format: Format) {
    self.name = name
    self.path = path
    self.bytes = bytes
    self.format = format
    lineStarts = [0] + bytes.indices.filter { bytes[$0] == .lineFeed }.map { $0 + 1 }
  }

  /// The template at `path`, which is relative to the folder of templates.
  /// `nil` when its ending says that it is no template.
  init?(relativePath: String, root: String, bytes: [UInt8]) {
    for format in [Format.html, .yaml] where relativePath.hasSuffix(format.ending) {
      self.init(
        name: String(relativePath.dropLast(format.ending.count)), path: root + "/" + relativePath,
        bytes: bytes, format: format)
      return
    }
    return nil
  }

  /// Line and column of a byte, both from 1. Columns count bytes, as the Swift
  /// compiler's do.
  func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let shift = low == 0 ? 0 : indentation
    return (low + 1, max(1, offset - lineStarts[low] + 1 - shift))
  }

  /// The same template with every line that isn't empty moved to the right, as
  /// a YAML partial needs it in the place where it is used.
  func indented(by count: Int) -> SourceText {
    var result: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      let startsLine = index > 0 && bytes[index - 1] == .lineFeed
      if startsLine, byte != .lineFeed, byte != .carriageReturn {
        result += Array(repeating: .space, count: count)
      }
      result.append(byte)
    }
    var copy = SourceText(name: name, path: path, bytes: result, format: format)
    copy.indentation = count
    return copy
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}

/// A mistake in a template, in the form that build tools understand.
struct Diagnostic: Error, Hashable {
  let path: String
  let line: Int
  let column: Int
  /// What is wrong, and what to do.
  let message: String

  var description: String { "\(path):\(line):\(column): error: \(message)" }
}

/// Collects the mistakes of one template.
struct Diagnostics {
  let source: SourceText
  private(set) var all: [Diagnostic] = []

  init(_ source: SourceText) {
    self.source = source
  }

  mutating func report(_ message: String, at offset: Int) {
    let (line, column) = source.position(of: offset)
    let diagnostic = Diagnostic(
      path: source.path, line: line, column: column, message: message)
    if !all.contains(diagnostic) { all.append(diagnostic) }
  }
}

extension UInt8 {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")

  var isBlank: Bool { self == .space || self == .tab }
  var isWhitespace: Bool { isBlank || self == .lineFeed || self == .carriageReturn || self == 0x0C }
  var isLetter: Bool { (0x41...0x5A).contains(self & 0xDF) }
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var lowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
