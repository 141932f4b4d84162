@preconcurrency internal import Dispatch
internal import Foundation
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// What happens at Control-C: the terminal is put back, a last line says how
/// things stand, and the exit code is 130.
enum Interruption {
  private struct State: Sendable {
    var lastLine: String?
    var terminal: termios?
    var isListening = false
  }

  private static let state = Mutex(State())

  /// Begins to listen. Once for a process; again changes nothing.
  static func listen() {
    state.withLock { state in
      guard !state.isListening else { return }
      state.isListening = true
      signal(SIGINT, SIG_IGN)
      // A pipe that nobody reads any more is told by the write that fails.
      signal(SIGPIPE, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
      source.setEventHandler {
        // It holds itself, so that it listens for as long as the process lives.
        withExtendedLifetime(source) { end() }
      }
      source.resume()
    }
  }

  /// What to say when it is interrupted from now on.
  static func say(_ line: String?) {
    state.withLock { $0.lastLine = line }
  }

  /// Remembers how the terminal was, and then changes it.
  static func restoring(_ terminal: termios?, _ change: () -> Void) {
    state.withLock { $0.terminal = terminal }
    change()
  }

  private static func end() {
    let (line, terminal) = state.withLock { ($0.lastLine, $0.terminal) }
    if var terminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal) }
    let words = "\n\(line.map { "\($0)\n" } ?? "")"
    try? FileHandle.standardError.write(contentsOf: Data(words.utf8))
    exit(Outcome.interrupted.rawValue)
  }
}
