public import struct Foundation.Date

/// A value as it travels to and from a database. Both databases have these
/// four; everything else is one of them by convention (``SQLConvertible``).
public enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
}

/// What can be bound to a statement.
///
/// Conventions (docs/design.md §3): times are Unix milliseconds, booleans are
/// 0 and 1, identifiers and enumerations are text.
public protocol SQLConvertible {
  /// The value as the database keeps it.
  var sqlValue: SQLValue { get }
}

/// What can be read from a column.
public protocol SQLDecodable {
  /// The value of a column, or nil when the column holds something else.
  static func decoded(from value: SQLValue) -> Self?
}

/// Both directions. An enumeration of strings gets its conformance for free:
/// `extension ProjectRole: SQLCodable {}`.
public typealias SQLCodable = SQLConvertible & SQLDecodable

extension SQLValue: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue { self }
  public static func decoded(from value: SQLValue) -> SQLValue? { value }
}

extension Int: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue { .integer(Int64(self)) }
  public static func decoded(from value: SQLValue) -> Int? {
    if case .integer(let number) = value { Int(exactly: number) } else { nil }
  }
}

extension Int64: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue { .integer(self) }
  public static func decoded(from value: SQLValue) -> Int64? {
    if case .integer(let number) = value { number } else { nil }
  }
}

extension Double: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue { .real(self) }
  public static func decoded(from value: SQLValue) -> Double? {
    switch value {
    case .real(let number): number
    case .integer(let number): Double(number)
    case .null, .text: nil
    }
  }
}

extension String: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue { .text(self) }
  public static func decoded(from value: SQLValue) -> String? {
    if case .text(let text) = value { text } else { nil }
  }
}

extension Bool: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
  public static func decoded(from value: SQLValue) -> Bool? {
    switch value {
    case .integer(0): false
    case .integer(1): true
    default: nil
    }
  }
}

/// Unix milliseconds, UTC, rounded to the nearest.
extension Date: SQLConvertible, SQLDecodable {
  public var sqlValue: SQLValue {
    .integer(Int64((timeIntervalSince1970 * 1000).rounded()))
  }
  public static func decoded(from value: SQLValue) -> Date? {
    guard case .integer(let milliseconds) = value else { return nil }
    return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
  }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
  public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
  public static func decoded(from value: SQLValue) -> Wrapped?? {
    if case .null = value { return .some(nil) }
    guard let wrapped = Wrapped.decoded(from: value) else { return nil }
    return .some(wrapped)
  }
}

extension SQLConvertible where Self: RawRepresentable, RawValue == String {
  public var sqlValue: SQLValue { .text(rawValue) }
}

extension SQLDecodable where Self: RawRepresentable, RawValue == String {
  public static func decoded(from value: SQLValue) -> Self? {
    if case .text(let text) = value { Self(rawValue: text) } else { nil }
  }
}

extension Identifier: SQLConvertible, SQLDecodable {}
extension PlatformRole: SQLConvertible, SQLDecodable {}
extension ProjectRole: SQLConvertible, SQLDecodable {}
