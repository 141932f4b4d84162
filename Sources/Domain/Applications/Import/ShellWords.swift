/// A command line taken apart into words as a POSIX shell does it (Shell Command
/// Language, 2.2 Quoting and 2.3 Token Recognition), but expanding nothing.
struct ShellWords: Sendable {
  /// Why there are no words.
  struct Mistake: Error, Sendable {
    let sentence: String
  }

  private(set) var words: [String] = []
  /// What a shell would have replaced, such as `$HOME`, each once.
  private(set) var expansions: [String] = []
  /// The line on which something follows that is another command, or goes
  /// elsewhere; nil when nothing does.
  private(set) var restLine: Int?

  private let scalars: [Unicode.Scalar]
  private var place = 0
  private var line = 1
  private var word: [Unicode.Scalar] = []
  private var hasWord = false

  /// - Parameter isLine: whether line ends and `;`, `|`, `&`, `<`, `>` end the
  ///   command; otherwise they are blanks and plain signs.
  init(_ text: String, isLine: Bool) throws(Mistake) {
    scalars = Array(text.unicodeScalars)
    while let scalar = current {
      if isLine, endsCommand(scalar) {
        endWord()
        if words.isEmpty, scalar == "\n" || scalar == "\r" {
          step()
          continue
        }
        noteRest()
        return
      }
      try read(scalar, isLine: isLine)
    }
    endWord()
  }

  private var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private func endsCommand(_ scalar: Unicode.Scalar) -> Bool {
    "\n;|&<>".unicodeScalars.contains(scalar)
  }

  private mutating func read(_ scalar: Unicode.Scalar, isLine: Bool) throws(Mistake) {
    switch scalar {
    case " ", "\t", "\r", "\n":
      endWord()
      step()
    case "#" where !hasWord && isLine:
      while let scalar = current, scalar != "\n" { _ = scalar; step() }
    case "\\", "^", "`":
      if let end = continuation() {
        while place < end { step() }
      } else if scalar == "\\" {
        step()
        take()
      } else if scalar == "`" {
        try readExpansion(until: "`", from: "`", name: "`…`")
      } else {
        take()
      }
    case "'": try readSingleQuoted()
    case "\"": try readDoubleQuoted()
    case "$": try readDollar()
    default: take()
    }
  }

  /// Where the text goes on after a sign that joins this line with the next; a
  /// line that was pasted may have blanks after the sign. `^` and a back tick
  /// are what Windows' shells have for it.
  private func continuation() -> Int? {
    var next = place + 1
    while next < scalars.count, " \t\r".unicodeScalars.contains(scalars[next]) { next += 1 }
    return next < scalars.count && scalars[next] == "\n" ? next + 1 : nil
  }

  private mutating func readSingleQuoted() throws(Mistake) {
    let start = line
    hasWord = true
    step()
    while let scalar = current {
      if scalar == "'" {
        step()
        return
      }
      take()
    }
    throw Mistake(sentence: "The single quote that opens on line \(start) is never closed.")
  }

  private mutating func readDoubleQuoted() throws(Mistake) {
    let start = line
    hasWord = true
    step()
    while let scalar = current {
      switch scalar {
      case "\"":
        step()
        return
      case "\\":
        step()
        if current == "\n" {
          step()
        } else {
          if let next = current, !"$`\"\\".unicodeScalars.contains(next) { word.append("\\") }
          take()
        }
      case "`": try readExpansion(until: "`", from: "`", name: "`…`")
      case "$": try readDollar()
      default: take()
      }
    }
    throw Mistake(sentence: "The double quote that opens on line \(start) is never closed.")
  }

  private mutating func readDollar() throws(Mistake) {
    let next = place + 1 < scalars.count ? scalars[place + 1] : nil
    if next == "(" { return try readExpansion(until: ")", from: "(", name: "$(…)") }
    if next == "{" { return try readExpansion(until: "}", from: "{", name: "${…}") }
    take()
    var name = "$"
    while let scalar = current, scalar.isASCII, ASCII.isWord(UInt8(scalar.value)) {
      name.unicodeScalars.append(scalar)
      take()
    }
    if name != "$" { noteExpansion(name) }
  }

  /// Keeps a command or a variable of the shell as it is written.
  private mutating func readExpansion(
    until end: Unicode.Scalar, from opening: Unicode.Scalar, name: String
  ) throws(Mistake) {
    let start = line
    var depth = 0
    noteExpansion(name)
    take()
    if end != "`" { depth = 0 } else { depth = 1 }
    while let scalar = current {
      if scalar == end {
        depth -= 1
      } else if scalar == opening {
        depth += 1
      }
      take()
      if depth == 0 { return }
    }
    throw Mistake(sentence: "The \(name) that begins on line \(start) has no end.")
  }

  private mutating func noteExpansion(_ name: String) {
    if expansions.count < 20, !expansions.contains(name) { expansions.append(name) }
  }

  private mutating func noteRest() {
    let isOperator = current != "\n"
    while let scalar = current {
      if isOperator || !" \t\r\n".unicodeScalars.contains(scalar) {
        restLine = line
        return
      }
      step()
    }
  }

  private mutating func take() {
    guard let scalar = current else { return }
    hasWord = true
    word.append(scalar)
    step()
  }

  private mutating func step() {
    if current == "\n" { line += 1 }
    place += 1
  }

  private mutating func endWord() {
    guard hasWord else { return }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: word)
    words.append(String(view))
    word = []
    hasWord = false
  }
}
