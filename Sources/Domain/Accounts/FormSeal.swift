internal import Crypto
internal import Foundation

/// Seals texts that a page must carry but nobody may read in it, such as a
/// secret value on its way from the deploy form to the confirmation
/// (AES-256-GCM, NIST SP 800-38D). Every replica opens what another one sealed.
struct FormSeal: Sendable {
  /// How long a sealed text can be opened, in seconds.
  static let lifetime: Double = 24 * 3600

  private static let purpose = "sealed form values"
  private static let separator: Character = "."

  private let keyring: Keyring
  private let tokens: SessionTokens
  private let now: @Sendable () -> Date

  init(keyring: Keyring, tokens: SessionTokens, now: @escaping @Sendable () -> Date) {
    self.keyring = keyring
    self.tokens = tokens
    self.now = now
  }

  /// - Parameter context: where alone it can be opened, such as a person and a
  ///   project.
  /// - Throws: `unavailable` without a key, `internalError`.
  func seal(_ text: String, for context: String) async throws(DomainError) -> String {
    try await keyring.refresh(ifOlderThan: Keyring.signingInterval)
    let (key, keyID) = try tokens.newestSecret(for: Self.purpose)
    let time = UInt64(max(0, now().timeIntervalSince1970))
    let plain = Data((0..<8).map { UInt8(truncatingIfNeeded: time >> (8 * $0)) }) + Data(text.utf8)
    do {
      let box = try AES.GCM.seal(
        plain, using: SymmetricKey(data: key), authenticating: Data(context.utf8))
      guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
      return "\(keyID)\(Self.separator)\(combined.base64EncodedString())"
    } catch {
      throw DomainError(
        .internalError, "A secret value couldn't be sealed.", advice: "Try again.",
        underlying: "\(type(of: error))")
    }
  }

  /// Whether a text is sealed with the key that seals now.
  ///
  /// - Throws: `unavailable` without a key.
  func isNewest(_ sealed: String) async throws(DomainError) -> Bool {
    try await keyring.refresh(ifOlderThan: Keyring.signingInterval)
    let (_, keyID) = try tokens.newestSecret(for: Self.purpose)
    return sealed.hasPrefix("\(keyID)\(Self.separator)")
  }

  /// - Parameter lifetime: how old it may be, in seconds. What is kept longer
  ///   than its key has to be sealed anew in time.
  /// - Returns: nil for what wasn't sealed for this context, is too old, or
  ///   whose key is gone.
  func open(
    _ sealed: String, for context: String, lifetime: Double = FormSeal.lifetime
  ) async throws(DomainError) -> String? {
    let parts = sealed.split(separator: Self.separator, maxSplits: 1).map(String.init)
    guard parts.count == 2, let combined = Data(base64Encoded: parts[1]) else { return nil }
    if !tokens.knows(parts[0]) {
      try await keyring.refresh(ifOlderThan: Keyring.unknownKeyInterval)
    }
    guard let key = tokens.secret(for: Self.purpose, keyID: parts[0]),
      let box = try? AES.GCM.SealedBox(combined: combined),
      let plain = try? AES.GCM.open(
        box, using: SymmetricKey(data: key), authenticating: Data(context.utf8)),
      plain.count >= 8
    else { return nil }
    let time = plain.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard now().timeIntervalSince1970 - Double(time) < lifetime else { return nil }
    return String(decoding: plain.dropFirst(8), as: UTF8.self)
  }

  /// What everything begins with that the newest key sealed.
  ///
  /// - Throws: `unavailable` without a key.
  func newestPrefix() async throws(DomainError) -> String {
    try await keyring.refresh(ifOlderThan: Keyring.signingInterval)
    return "\(try tokens.newestSecret(for: Self.purpose).keyID)\(Self.separator)"
  }

  /// A hash that nobody without the key can compute, in hexadecimal digits: it
  /// names a content without telling it, however short that is (HMAC, RFC 2104).
  ///
  /// - Throws: `unavailable` without a key.
  func keyedHash(of parts: [[UInt8]]) async throws(DomainError) -> String {
    try await keyring.refresh(ifOlderThan: Keyring.signingInterval)
    let (key, _) = try tokens.newestSecret(for: "names of secrets")
    var hash = HMAC<SHA256>(key: SymmetricKey(data: key))
    for part in parts {
      withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(data: Data($0)) }
      hash.update(data: Data(part))
    }
    return hash.finalize().hexadecimal
  }
}
