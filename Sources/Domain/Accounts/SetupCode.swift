internal import Foundation
internal import Synchronization

/// The code that makes the first admin on a real cluster. Whoever reads the
/// server's log has it; it is of no use once an admin exists.
///
/// It is computed from the signing key, so all replicas print and take the
/// same one. Wrong tries are bounded: ten, then a minute of none. With 39 bits
/// of code that is enough for years, and strangers can't wear the code out.
final class SetupCode: Sendable {
  /// Wrong tries before a pause.
  static let tries = 10
  /// How long no try counts then, in seconds.
  static let pause: Double = 60

  private struct State {
    var code: String?
    var failures = 0
    var pausedUntil = Date.distantPast
  }

  private let state = Mutex(State())

  /// Takes a code into use.
  ///
  /// - Parameter secret: at least 32 bytes.
  /// - Returns: `XXXX-XXXX` of letters and digits that can't be mistaken for
  ///   each other.
  func issue(from secret: [UInt8]) -> String {
    let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    var code = ""
    for index in 0..<8 {
      if index == 4 { code.append("-") }
      // Four bytes a character: the remainder favours none noticeably.
      let number = secret[(index * 4)..<(index * 4 + 4)].reduce(0) { $0 << 8 | Int($1) }
      code.append(alphabet[number % alphabet.count])
    }
    return state.withLock { state in
      state.code = code
      return code
    }
  }

  /// What is wrong with a code, as a sentence; nil for the right one. Case,
  /// spaces and the dash don't matter.
  func mistake(in typed: String, at time: Date) -> String? {
    if typed.isEmpty { return "Give the setup code. The server's log shows it at start." }
    return state.withLock { state in
      guard time >= state.pausedUntil else {
        return "There were too many wrong codes. Try again in a minute."
      }
      // Without a code of its own this process wasn't started as a server.
      if let code = state.code, RandomText.isSame(Self.bare(typed), Self.bare(code)) {
        state.failures = 0
        return nil
      }
      state.failures += 1
      if state.failures >= Self.tries {
        state.failures = 0
        state.pausedUntil = time.addingTimeInterval(Self.pause)
      }
      return "That isn't the setup code. The server's log shows it at start."
    }
  }

  /// Forgets the code: there is an admin now.
  func void() { state.withLock { $0.code = nil } }

  private static func bare(_ code: String) -> String {
    code.uppercased().filter { $0 != "-" && $0 != " " }
  }
}
