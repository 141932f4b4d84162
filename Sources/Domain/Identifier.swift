internal import Foundation

/// An identifier of one kind of thing, so that a project's can't be passed
/// where a user's is wanted. Its text is a random UUID in lower case.
public struct Identifier<Entity>: RawRepresentable, Hashable, Sendable, Codable,
  CustomStringConvertible
{
  public let rawValue: String

  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// A new random identifier (UUID version 4, RFC 9562).
  public static func random() -> Self {
    Self(rawValue: UUID().uuidString.lowercased())
  }

  public var description: String { rawValue }
}
