public import struct Foundation.Date

/// The release that was made shortly before something went wrong.
public struct PrecedingRelease: Sendable, Hashable {
  public let number: Int
  public let createdAt: Date
  /// What it changed, in a few words: "image 1.3 → 1.4".
  public let change: String
  /// The newest release before it that succeeded, to roll back to; nil when
  /// there is none.
  public let previous: Int?

  /// How long before, in seconds, a release may have been made to be named.
  public static let window: Double = 2 * 3600
}
