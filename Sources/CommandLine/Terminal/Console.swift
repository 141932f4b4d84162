internal import Foundation

#if canImport(Glibc)
internal import Glibc
#endif

/// Where a command writes: results on standard output, words beside them.
struct Console: Sendable {
  /// Whether results are JSON, so that every word goes to standard error.
  var isJSON = false
  /// Whether words that are no result are left out.
  var isQuiet = false
  /// Whether the command changes something, so that it goes on, and ends as what
  /// it does ends, when nobody reads its words any more.
  private var isActing = false

  init(isJSON: Bool = false, isQuiet: Bool = false) {
    self.isJSON = isJSON
    self.isQuiet = isQuiet
  }

  /// The same for a command that changes something.
  var acting: Console {
    var console = self
    console.isActing = true
    return console
  }

  /// Whether somebody watches what ``say(_:)`` writes.
  var isWatched: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(words.fileDescriptor) == 1 && environment["TERM"] != "dumb"
      && environment.value("CI") == nil
  }

  /// Whether a question can be asked.
  var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  var paint: Paint {
    let isPlain = ProcessInfo.processInfo.environment.value("NO_COLOR") != nil
    return isWatched && !isPlain ? .colours : .plain
  }

  /// Columns of the terminal.
  var width: Int {
    var size = winsize()
    guard ioctl(words.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }

  private var words: FileHandle { isJSON ? .standardError : .standardOutput }

  /// A line of the result.
  func result(_ line: String) {
    write("\(line)\n", .result, to: .standardOutput)
  }

  func result(_ value: JSON, isPretty: Bool = true) {
    result(value.text(isPretty: isPretty))
  }

  /// What the server said of a failure, as JSON. The command ends by it anyway.
  func problem(_ value: JSON) {
    write("\(value.text(isPretty: true))\n", .failure, to: .standardOutput)
  }

  /// A line for people, which `--quiet` leaves out.
  func say(_ line: String) {
    if !isQuiet { write("\(line)\n", .word, to: words) }
  }

  /// Text for people as it is.
  func write(_ text: String) {
    if !isQuiet { write(text, .word, to: words) }
  }

  /// A line that nobody leaves out.
  func complain(_ line: String) {
    write("\(line)\n", .failure, to: .standardError)
  }

  // MARK: Writing

  /// What is written.
  enum Content: Sendable {
    case result
    case word
    /// Why the command fails, which decides how it ends.
    case failure
  }

  private func write(_ text: String, _ content: Content, to file: FileHandle) {
    do {
      try file.write(contentsOf: Data(text.utf8))
    } catch {
      if let outcome = outcome(of: error, writing: content) { exit(outcome.rawValue) }
    }
  }

  /// How a command ends that can't write; nil where it goes on without.
  func outcome(of error: any Error, writing content: Content) -> Outcome? {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    // Whoever read it has enough, as `head` does.
    let isEnough = cause?.domain == NSPOSIXErrorDomain && cause?.code == Int(EPIPE)
    switch content {
    case .failure: return nil
    case .word where isActing || isEnough: return nil
    case .result where isEnough && !isActing: return .succeeded
    case .word, .result: return .failed
    }
  }

  // MARK: Questions

  /// Asks for a yes.
  func confirms(_ question: String) -> Bool {
    write("\(question) [y/N] ", .failure, to: .standardError)
    let answer = readLine(strippingNewline: true) ?? ""
    return ["y", "yes"].contains(answer.lowercased().trimmingCharacters(in: .whitespaces))
  }

  /// Reads a line that isn't shown while it is typed.
  func askHidden(_ prompt: String) -> String {
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    Interruption.restoring(shown) {
      // Drops what was typed before, so the question comes after it.
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    }
    write(prompt, .failure, to: .standardError)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      Interruption.restoring(nil) {}
      complain("")
    }
    return readLine(strippingNewline: true) ?? ""
  }

  /// All of standard input.
  static func standardInput() -> Data {
    (try? FileHandle.standardInput.readToEnd()) ?? Data()
  }
}

/// Colours, where they help and are wanted.
enum Paint: Sendable {
  case plain
  case colours

  func added(_ text: String) -> String { paint(text, 32) }
  func removed(_ text: String) -> String { paint(text, 31) }
  func changed(_ text: String) -> String { paint(text, 33) }
  func strong(_ text: String) -> String { paint(text, 1) }

  private func paint(_ text: String, _ code: Int) -> String {
    self == .plain ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
