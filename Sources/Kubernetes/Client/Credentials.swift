/// A client certificate with its key, both as PEM.
public struct ClientCertificate: Sendable, Hashable {
  /// The certificate, then those in between, if any.
  public var certificateChain: String
  /// A secret: never log it.
  public var privateKey: String

  /// Makes a pair.
  public init(certificateChain: String, privateKey: String) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
  }
}

/// What a request carries to say who sends it.
public struct Credentials: Sendable, Hashable {
  /// The `Authorization` header. A secret: never log it.
  public var authorization: String?
  /// Replaces the configuration's certificate, if there is one.
  public var clientCertificate: ClientCertificate?

  /// Makes credentials.
  public init(authorization: String? = nil, clientCertificate: ClientCertificate? = nil) {
    self.authorization = authorization
    self.clientCertificate = clientCertificate
  }

  /// A bearer token (RFC 6750).
  public static func bearer(_ token: String) -> Credentials {
    Credentials(authorization: "Bearer \(token)")
  }
}

/// Knows the credentials of the moment.
public protocol CredentialsProvider: Sendable {
  /// What to send now.
  ///
  /// - Throws: ``KubeconfigError`` when they can't be had.
  func credentials() async throws(KubeconfigError) -> Credentials

  /// The server refused what was given: forget it, and get new ones. Answers
  /// whether another try makes sense.
  func renew() async -> Bool
}

/// Credentials that never change.
public struct StaticCredentials: CredentialsProvider {
  private let value: Credentials

  /// By default none at all.
  public init(_ value: Credentials = Credentials()) { self.value = value }

  /// What it was made with.
  public func credentials() async throws(KubeconfigError) -> Credentials { value }
  /// There is nothing new to be had.
  public func renew() async -> Bool { false }
}
