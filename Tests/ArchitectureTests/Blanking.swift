/// Takes comments and the contents of string literals out of Swift source and keeps every line
/// where it was. Knows nested comments, raw and multi-line strings and interpolations, which are
/// code again.
struct Blanking {
  private enum State: Equatable {
    case code(openParentheses: Int)
    case lineComment
    case blockComment(depth: Int)
    case string(hashes: Int, isMultiline: Bool)
  }

  private var states: [State] = [.code(openParentheses: 0)]
  private var bytes: [UInt8] = []
  private var position = 0
  private var uncommented: [UInt8] = []
  private var code: [UInt8] = []

  /// The text without comments, and also without what its strings say.
  mutating func apply(_ text: String) -> (uncommented: String, code: String) {
    bytes = Array(text.utf8)
    while position < bytes.count {
      if !Self.isSpecial[Int(bytes[position])] {
        takePlainRun()
        continue
      }
      switch states.last {
      case .lineComment: inLineComment()
      case .blockComment(let depth): inBlockComment(depth)
      case .string(let hashes, let isMultiline): inString(hashes, isMultiline)
      case .code(let open): inCode(open)
      case nil: states = [.code(openParentheses: 0)]
      }
    }
    return (String(decoding: uncommented, as: UTF8.self), String(decoding: code, as: UTF8.self))
  }

  /// Bytes that may begin or end something: / * " # ( ) \ and the end of a line.
  private static let isSpecial: [Bool] = {
    let special = Set("/*\"#()\\\n".utf8)
    return (0...255).map { special.contains(UInt8($0)) }
  }()

  /// Everything up to the next special byte belongs to the state as it is.
  private mutating func takePlainRun() {
    var end = position
    while end < bytes.count, !Self.isSpecial[Int(bytes[end])] { end += 1 }
    switch states.last {
    case .code, nil: keep(end - position)
    case .string: hide(end - position)
    case .lineComment, .blockComment: position = end
    }
  }

  private mutating func inCode(_ open: Int) {
    if looking(at: "//") {
      states.append(.lineComment)
    } else if looking(at: "/*") {
      states.append(.blockComment(depth: 0))
    } else if let string = stringStart() {
      states.append(.string(hashes: string.hashes, isMultiline: string.isMultiline))
      keep(string.hashes + (string.isMultiline ? 3 : 1))
    } else {
      if looking(at: "(") { states[states.count - 1] = .code(openParentheses: open + 1) }
      if looking(at: ")") {
        if open == 0, states.count > 1 {
          states.removeLast()
        } else {
          states[states.count - 1] = .code(openParentheses: max(0, open - 1))
        }
      }
      keep(1)
    }
  }

  private mutating func inLineComment() {
    if looking(at: "\n") { states.removeLast() } else { position += 1 }
  }

  private mutating func inBlockComment(_ depth: Int) {
    if looking(at: "/*") {
      states[states.count - 1] = .blockComment(depth: depth + 1)
      position += 2
    } else if looking(at: "*/") {
      states[states.count - 1] = .blockComment(depth: depth - 1)
      if depth <= 1 { states.removeLast() }
      position += 2
    } else {
      if looking(at: "\n") { keep(1) } else { position += 1 }
    }
  }

  private mutating func inString(_ hashes: Int, _ isMultiline: Bool) {
    let marks = String(repeating: "#", count: hashes)
    let end = (isMultiline ? #"""""# : #"""#) + marks
    if looking(at: "\\" + marks + "(") {
      keep(2 + hashes)
      states.append(.code(openParentheses: 0))
    } else if looking(at: "\\" + marks) {
      hide(min(2 + hashes, bytes.count - position))
    } else if looking(at: end) {
      keep(end.utf8.count)
      states.removeLast()
    } else if looking(at: "\n") {
      keep(1)
      // Only a regular expression or a mistake leaves a one-line string open.
      if !isMultiline { states.removeLast() }
    } else {
      hide(1)
    }
  }

  private func stringStart() -> (hashes: Int, isMultiline: Bool)? {
    var hashes = 0
    while position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "#") {
      hashes += 1
    }
    guard looking(at: #"""#, after: hashes) else { return nil }
    return (hashes, looking(at: #"""""#, after: hashes))
  }

  private func looking(at text: String, after offset: Int = 0) -> Bool {
    var index = position + offset
    for byte in text.utf8 {
      guard index < bytes.count, bytes[index] == byte else { return false }
      index += 1
    }
    return true
  }

  /// Code, and the quotes of a string.
  private mutating func keep(_ count: Int) {
    let part = bytes[position..<min(position + count, bytes.count)]
    uncommented += part
    code += part
    position += part.count
  }

  /// What a string says.
  private mutating func hide(_ count: Int) {
    let part = bytes[position..<min(position + count, bytes.count)]
    uncommented += part
    code += part.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: "_") }
    position += part.count
  }
}
