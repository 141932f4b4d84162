/// Why a text isn't JSON (RFC 8259), and at which byte.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wrong.
  public enum Reason: String, Sendable, Hashable {
    /// The text ends in the middle of a value.
    case unexpectedEnd = "the text ends too early"
    /// A byte that can't stand here.
    case unexpectedByte = "there is a byte that can't stand here"
    /// A number that RFC 8259 §6 doesn't allow, such as `01` or `1.`.
    case invalidNumber = "there is a malformed number"
    /// A number too large for a double, such as `1e999`.
    case numberOutOfRange = "there is a number out of range"
    /// A `\` followed by something else than RFC 8259 §7 lists.
    case invalidEscape = "there is a malformed escape in a string"
    /// A control character inside a string.
    case controlCharacter = "there is a control character in a string"
    /// A string that isn't UTF-8, or half a surrogate pair.
    case invalidUnicode = "there is a string that isn't valid Unicode"
    /// More than ``JSONValue/maximumDepth`` arrays and objects inside each other.
    case tooDeep = "it is nested too deeply"
    /// Something other than whitespace after the value.
    case trailingBytes = "something follows the value"
  }

  /// What was wrong.
  public var reason: Reason
  /// The number of bytes before the mistake.
  public var offset: Int

  /// Makes an error for the byte at `offset`.
  public init(_ reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String { "Not JSON: \(reason.rawValue) (byte \(offset))." }
}
