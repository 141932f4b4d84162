internal import Synchronization

/// The code that makes the first admin on a real cluster. Whoever reads the
/// server's log has it; it is of no use once an admin exists.
///
/// It is computed from the signing key, so all replicas print and take the
/// same one. It has 39 bits, and each address has few tries (``AttemptLimits``),
/// so strangers neither guess it nor keep the operator from using it.
final class SetupCode: Sendable {
  private let code = Mutex<String?>(nil)

  /// Takes a code into use.
  ///
  /// - Parameter secret: at least 32 bytes.
  /// - Returns: two groups of four with a dash between, as in `AB23-CD45`, of
  ///   letters and digits that can't be mistaken for each other.
  func issue(from secret: [UInt8]) -> String {
    let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    var code = ""
    for index in 0..<8 {
      if index == 4 { code.append("-") }
      // Four bytes a character: the remainder favours none noticeably.
      let number = secret[(index * 4)..<(index * 4 + 4)].reduce(0) { $0 << 8 | Int($1) }
      code.append(alphabet[number % alphabet.count])
    }
    self.code.withLock { [code] in $0 = code }
    return code
  }

  /// What is wrong with a code, as a sentence; nil for the right one. Case,
  /// spaces and the dash don't matter.
  func mistake(in typed: String) -> String? {
    if typed.isEmpty { return "Give the setup code. The server's log shows it at start." }
    // Without a code of its own this process wasn't started as a server.
    guard let code = code.withLock({ $0 }), RandomText.isSame(Self.bare(typed), Self.bare(code))
    else { return "That isn't the setup code. The server's log shows it at start." }
    return nil
  }

  /// Forgets the code: there is an admin now.
  func void() { code.withLock { $0 = nil } }

  private static func bare(_ code: String) -> String {
    code.uppercased().filter { $0 != "-" && $0 != " " }
  }
}
