/// A Kubernetes resource quantity such as `500m`, `64Mi` or `1e3`
/// (apimachinery `resource.Quantity`).
///
/// Exact from one billionth (`n`) up to 2⁶³−1, as in Kubernetes; anything finer
/// is rounded away from zero, anything larger is capped. Two quantities are
/// equal when their amounts are, however they were written.
public struct Quantity: Sendable {
  /// How the quantity was written, and will be written again.
  public enum Format: Sendable, Hashable {
    /// `m`, `k`, `M`, `G`…
    case decimal
    /// `Ki`, `Mi`, `Gi`…
    case binary
    /// `e3`, `E6`…
    case exponent
  }

  /// The amount in billionths.
  private(set) var nano: Int128
  /// How ``description`` writes it.
  public var format: Format

  /// The largest amount that Kubernetes keeps, in billionths.
  private static let limit = Int128(Int64.max) * 1_000_000_000

  private init(nano: Int128, format: Format) {
    self.nano = min(max(nano, -Self.limit), Self.limit)
    self.format = format
  }

  /// Zero.
  public static let zero = Quantity(nano: 0, format: .decimal)

  /// A whole number of units (cores, bytes, pods).
  public init(_ value: Int, format: Format = .decimal) {
    self.init(nano: Int128(value) * 1_000_000_000, format: format)
  }

  /// A number of thousandths, the usual unit of CPU.
  public init(milli: Int64) {
    self.init(nano: Int128(milli) * 1_000_000, format: .decimal)
  }

  /// Reads a quantity: a sign, digits with at most one point, and one suffix
  /// (`n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, `e3`, `E-3`). `nil` for
  /// anything else.
  public init?(_ text: String) {
    guard let parsed = QuantityText(text) else { return nil }
    let nano = parsed.magnitude(limit: UInt128(Self.limit))
    self.init(nano: parsed.isNegative ? -Int128(nano) : Int128(nano), format: parsed.format)
  }

  /// Thousandths, rounded up, capped to 64 bits.
  public var milliValue: Int64 { rounded(to: 1_000_000) }

  /// Units, rounded up.
  public var value: Int64 { rounded(to: 1_000_000_000) }

  /// The amount as a double, for shares and charts.
  public var doubleValue: Double { Double(nano) / 1e9 }

  /// Whether the amount is zero.
  public var isZero: Bool { nano == 0 }

  private func rounded(to unit: Int128) -> Int64 {
    let (quotient, remainder) = nano.quotientAndRemainder(dividingBy: unit)
    // Kubernetes rounds away from zero.
    let whole = remainder == 0 ? quotient : quotient + (nano > 0 ? 1 : -1)
    return Int64(clamping: whole)
  }
}

extension Quantity: Comparable, Hashable {
  public static func == (left: Quantity, right: Quantity) -> Bool { left.nano == right.nano }
  public static func < (left: Quantity, right: Quantity) -> Bool { left.nano < right.nano }
  public func hash(into hasher: inout Hasher) { hasher.combine(nano) }
}

extension Quantity {
  /// The sum, written like the left side (like the right if the left is zero).
  public static func + (left: Quantity, right: Quantity) -> Quantity {
    Quantity(
      nano: left.nano + right.nano, format: left.isZero ? right.format : left.format)
  }

  /// The difference, written like the left side (like the right if the left is
  /// zero).
  public static func - (left: Quantity, right: Quantity) -> Quantity {
    Quantity(
      nano: left.nano - right.nano, format: left.isZero ? right.format : left.format)
  }

  /// The product, capped to what Kubernetes keeps.
  public static func * (left: Quantity, right: Int) -> Quantity {
    let (product, overflow) = left.nano.multipliedReportingOverflow(by: Int128(right))
    if overflow {
      let isNegative = (left.nano < 0) != (right < 0)
      return Quantity(nano: isNegative ? -limit : limit, format: left.format)
    }
    return Quantity(nano: product, format: left.format)
  }

  /// Adds in place.
  public static func += (left: inout Quantity, right: Quantity) { left = left + right }

  /// Subtracts in place.
  public static func -= (left: inout Quantity, right: Quantity) { left = left - right }
}

extension Quantity: CustomStringConvertible {
  /// The canonical form: no fraction, the largest suffix that keeps it exact.
  /// Binary quantities below 1024 are written as decimal ones, and their
  /// fractions are rounded up (apimachinery `CanonicalizeBytes`).
  public var description: String {
    if nano == 0 { return "0" }
    if format == .binary, abs(nano) >= 1024 * 1_000_000_000 { return binaryDescription }
    return decimalDescription
  }

  private var binaryDescription: String {
    var amount = value
    var power = 0
    while power < 6, amount % 1024 == 0 {
      amount /= 1024
      power += 1
    }
    return "\(amount)\(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power])"
  }

  private var decimalDescription: String {
    var amount = nano
    var exponent = -9
    while exponent < 18, amount % 1000 == 0 {
      amount /= 1000
      exponent += 3
    }
    if format == .exponent { return exponent == 0 ? "\(amount)" : "\(amount)e\(exponent)" }
    let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    return "\(amount)\(suffixes[(exponent + 9) / 3])"
  }
}

extension Quantity: Codable {
  /// Reads a string or a number.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String
    if let string = try? container.decode(String.self) {
      text = string
    } else {
      text = "\(try container.decode(Double.self))"
    }
    guard let quantity = Quantity(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(text) isn't a quantity")
    }
    self = quantity
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Quantity {
  /// Reads a string or a number of a JSON document.
  public init?(_ json: JSONValue) {
    switch json {
    case .string(let text): self.init(text)
    case .integer(let value): self.init(Int(value))
    case .number(let value): self.init("\(value)")
    default: return nil
    }
  }
}
