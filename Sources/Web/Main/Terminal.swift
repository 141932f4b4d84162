import ArgumentParser
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Exit code 1, after the reason was told.
typealias ExitFailure = ExitCode

extension ExitCode {
  init() { self = .failure }
}

/// What the command line reads from people and says to them.
enum Terminal {
  /// One line on standard output, at once, also when it is a pipe.
  static func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
  }

  /// Text on standard output as it is.
  static func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// One line on standard error.
  static func complain(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }

  /// The first line of standard input, for `--password-stdin`.
  static func lineFromStandardInput() throws -> String {
    guard let line = readLine(strippingNewline: true), !line.isEmpty else {
      throw StartupError("Standard input has no password. Write it as one line.")
    }
    return line
  }

  /// Asks twice for a new password, without showing it.
  ///
  /// - Throws: ``StartupError`` when there is no terminal, or the two differ.
  static func askForNewPassword() throws -> String {
    guard isatty(STDIN_FILENO) == 1 else {
      throw StartupError(
        "There is no terminal to ask for the password. Give it on standard input: --password-stdin."
      )
    }
    let password = askHidden("Password: ")
    guard askHidden("The same again: ") == password else {
      throw StartupError("The two passwords differ. Nothing was made.")
    }
    return password
  }

  private static func askHidden(_ prompt: String) -> String {
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    // Drops what was typed before, so the question comes after it.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    FileHandle.standardError.write(Data(prompt.utf8))
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      complain("")
    }
    return readLine(strippingNewline: true) ?? ""
  }
}
