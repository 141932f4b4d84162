public import Foundation

/// The group `authentication.k8s.io`, version `v1`.
public enum AuthenticationV1 {}

extension AuthenticationV1 {
  /// A token of a service account, made on request.
  public struct Token: Sendable {
    /// What to send as a bearer token. A secret: never log it.
    public var value: String
    /// When the API server stops to accept it.
    public var expiresAt: Date

    /// Reads the answer to a `TokenRequest`.
    ///
    /// - Throws: ``ResourceDecodingError`` when it has no token.
    public init(json: JSONValue) throws(ResourceDecodingError) {
      let status = try ResourceFields(json).object("status") {
        fields throws(ResourceDecodingError) in
        (try fields.string("token"), try fields.date("expirationTimestamp"))
      }
      guard let token = status?.0, let expiration = status?.1 else {
        throw ResourceDecodingError(path: "status", expected: "a token with its expiration")
      }
      value = token
      expiresAt = expiration
    }
  }
}
