internal import Foundation

/// What BabyHelm takes as an e-mail address: the useful part of RFC 5321 §4.1.2,
/// one `@`, no quoted local part, no address literal, at most 254 characters.
enum EmailAddress {
  static let maximumLength = 254

  /// What is wrong with an address, as a sentence; nil when nothing is.
  static func mistake(in address: String) -> String? {
    if address.isEmpty { return "Give an e-mail address, for example ann@example.com." }
    if address.unicodeScalars.count > maximumLength {
      return "An e-mail address has at most \(maximumLength) characters."
    }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, isLocal(parts[0]), isDomain(parts[1]) else {
      return "That doesn't look like an e-mail address: write it as ann@example.com."
    }
    return nil
  }

  /// The form under which an address is unique.
  static func key(of address: String) -> String {
    address.precomposedStringWithCanonicalMapping.lowercased()
  }

  /// A dot-atom (RFC 5322 §3.2.3), also beyond ASCII (RFC 6531).
  private static func isLocal(_ text: Substring) -> Bool {
    text.utf8.count <= 64 && !text.unicodeScalars.contains(where: isForbidden)
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
  }

  private static func isDomain(_ text: Substring) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      !label.isEmpty && label.utf8.count <= 63 && label.utf8.first != 0x2d
        && label.utf8.last != 0x2d
        && label.unicodeScalars.allSatisfy { scalar in
          scalar.isASCII
            ? ASCII.isAlphanumeric(UInt8(scalar.value)) || scalar == "-" : !isForbidden(scalar)
        }
    }
  }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      true
    default: "\"(),:;<>[\\]".unicodeScalars.contains(scalar)
    }
  }
}
