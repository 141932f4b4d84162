internal import Foundation

extension Registration {
  /// How many characters a password has.
  static let passwordLengths = 10...256
  /// How many characters a name has at most.
  static let longestName = 80

  /// The registration without surrounding white space, and with a name that is
  /// written the same way whatever keyboard it came from.
  func tidied() -> Registration {
    Registration(
      email: email.trimmingSpaces(),
      name: name.trimmingSpaces().precomposedStringWithCanonicalMapping, password: password,
      setupCode: setupCode.trimmingSpaces())
  }

  /// What is wrong with the fields `email`, `name` and `password` of a tidied
  /// registration.
  func mistakes() -> [FieldError] {
    [
      ("email", EmailAddress.mistake(in: email)), ("name", nameMistake()),
      ("password", passwordMistake()),
    ].compactMap { field, mistake in mistake.map { FieldError(field, $0) } }
  }

  private func nameMistake() -> String? {
    let scalars = name.unicodeScalars
    if scalars.allSatisfy(\.isInvisible) { return "Give the name that others see." }
    if scalars.count > Self.longestName {
      return "A name has at most \(Self.longestName) characters."
    }
    if scalars.contains(where: \.breaksLines) {
      return "A name has no line breaks or control characters."
    }
    return nil
  }

  private func passwordMistake() -> String? {
    let length = password.unicodeScalars.count
    if length < Self.passwordLengths.lowerBound {
      return "A password has at least \(Self.passwordLengths.lowerBound) characters."
    }
    if length > Self.passwordLengths.upperBound {
      return "A password has at most \(Self.passwordLengths.upperBound) characters."
    }
    let lowered = password.lowercased()
    if lowered == email.lowercased() || lowered == name.lowercased() {
      return "The password is your name or address; choose another one."
    }
    if CommonPasswords.contains(password) {
      return "This password is among the first that are tried; choose another one."
    }
    return nil
  }
}

extension Unicode.Scalar {
  /// Nothing to see: a name needs more than these.
  var isInvisible: Bool {
    properties.isWhitespace || properties.generalCategory == .format
  }

  /// Breaks the line, or turns the text after it around.
  var breaksLines: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value)
    }
  }
}
