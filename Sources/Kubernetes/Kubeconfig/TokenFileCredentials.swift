import Foundation

/// A bearer token in a file that somebody else keeps fresh, such as the kubelet.
public actor TokenFileCredentials: CredentialsProvider {
  private let file: String
  private let lifetime: Duration
  private let clock = ContinuousClock()
  private var cached: (token: String, readAt: ContinuousClock.Instant)?

  /// - Parameters:
  ///   - file: the token and nothing else.
  ///   - lifetime: for how long it isn't read again.
  public init(file: String, lifetime: Duration = .seconds(60)) {
    self.file = file
    self.lifetime = lifetime
  }

  /// The file's token, read again when it is old.
  ///
  /// - Throws: ``KubeconfigError/badTokenFile(file:)`` if there never was one.
  public func credentials() throws(KubeconfigError) -> Credentials {
    if let cached, cached.readAt.duration(to: clock.now) < lifetime {
      return .bearer(cached.token)
    }
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if token.isEmpty {
      // A token that is being replaced may be missing for a moment.
      if let cached { return .bearer(cached.token) }
      throw .badTokenFile(file: file)
    }
    cached = (token, clock.now)
    return .bearer(token)
  }

  /// Reads the file again; whether it holds another token now.
  public func renew() -> Bool {
    let refused = cached?.token
    cached = nil
    return (try? credentials()) != refused.map(Credentials.bearer)
  }
}
