/// A value that `{{name}}` can show.
///
/// Strings, integers and booleans are. A type of your own needs only
/// ``templateText``; what it returns is escaped like any other text. There is
/// deliberately no `Double`: a view value says how a number is to be written.
public protocol TextRepresentable {
  /// The text to show, not escaped.
  var templateText: String { get }

  /// Whether YAML shows the value without quotes. Only numbers and booleans
  /// do; any other text is quoted even if this says `true`.
  static var isPlainInYAML: Bool { get }

  /// Calls `body` once with the UTF-8 of ``templateText``. There is a default;
  /// the types of the standard library have a version that copies nothing.
  func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void)
}

extension TextRepresentable {
  @inlinable
  public static var isPlainInYAML: Bool { false }

  @inlinable
  public func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    var text = templateText
    text.withUTF8(body)
  }
}

extension String: TextRepresentable {
  @inlinable
  public var templateText: String { self }

  @inlinable
  public func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if utf8.withContiguousStorageIfAvailable(body) == nil {
      var copy = self
      copy.withUTF8(body)
    }
  }
}

extension Substring: TextRepresentable {
  @inlinable
  public var templateText: String { String(self) }

  @inlinable
  public func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if utf8.withContiguousStorageIfAvailable(body) == nil {
      var copy = self
      copy.withUTF8(body)
    }
  }
}

extension StaticString: TextRepresentable {
  @inlinable
  public var templateText: String { description }

  @inlinable
  public func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    withUTF8Buffer(body)
  }
}

extension Bool: TextRepresentable {
  @inlinable
  public var templateText: String { self ? "true" : "false" }

  @inlinable
  public static var isPlainInYAML: Bool { true }
}

/// What every integer type shares; the conformances below name the types.
extension TextRepresentable where Self: FixedWidthInteger {
  /// The decimal digits, with a `-` in front of a negative number.
  @inlinable
  public var templateText: String { String(self) }

  /// Numbers stand in YAML without quotes.
  @inlinable
  public static var isPlainInYAML: Bool { true }

  /// Calls `body` once with the decimal digits, which are made on the stack.
  @inlinable
  public func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    // 40 bytes hold a sign and the 39 digits of the widest integer, 128 bits.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { buffer in
      var start = 40
      var rest = magnitude
      repeat {
        start -= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        buffer.initializeElement(at: start, to: 0x30 + UInt8(truncatingIfNeeded: digit))
        rest = quotient
      } while rest != 0
      if self < 0 {
        start -= 1
        buffer.initializeElement(at: start, to: UInt8(ascii: "-"))
      }
      body(UnsafeBufferPointer(rebasing: buffer[start..<40]))
    }
  }
}

extension Int: TextRepresentable {}
extension Int8: TextRepresentable {}
extension Int16: TextRepresentable {}
extension Int32: TextRepresentable {}
extension Int64: TextRepresentable {}
extension UInt: TextRepresentable {}
extension UInt8: TextRepresentable {}
extension UInt16: TextRepresentable {}
extension UInt32: TextRepresentable {}
extension UInt64: TextRepresentable {}
