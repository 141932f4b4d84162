/// The parts of a written quantity.
struct QuantityText {
  private(set) var isNegative = false
  private(set) var format = Quantity.Format.decimal
  /// All digits without the point.
  private var mantissa: UInt128 = 0
  /// Digits after the point.
  private var fractionDigits = 0
  private var isTooLarge = false
  private var decimalExponent = 0
  private var binaryExponent = 0

  init?(_ text: String) {
    var rest = Substring(text).utf8
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      rest.removeFirst()
    }
    var digits = 0
    var hasPoint = false
    while let byte = rest.first {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digits += 1
        append(digit: byte - UInt8(ascii: "0"), isFraction: hasPoint)
      } else {
        break
      }
      rest.removeFirst()
    }
    guard digits > 0, readSuffix(String(Substring(rest))) else { return nil }
  }

  private mutating func append(digit: UInt8, isFraction: Bool) {
    // 36 digits always fit 128 bits. Whole digits beyond are past the largest
    // quantity; fraction digits beyond only decide the rounding.
    guard mantissa < UInt128(10).power(36) else {
      if isFraction {
        if digit > 0 { mantissa |= 1 }
      } else {
        isTooLarge = true
      }
      return
    }
    mantissa = mantissa * 10 + UInt128(digit)
    if isFraction { fractionDigits += 1 }
  }

  private mutating func readSuffix(_ suffix: String) -> Bool {
    switch suffix {
    case "": return true
    case "n": decimalExponent = -9
    case "u": decimalExponent = -6
    case "m": decimalExponent = -3
    case "k": decimalExponent = 3
    case "M": decimalExponent = 6
    case "G": decimalExponent = 9
    case "T": decimalExponent = 12
    case "P": decimalExponent = 15
    case "E": decimalExponent = 18
    case "Ki": binaryExponent = 10
    case "Mi": binaryExponent = 20
    case "Gi": binaryExponent = 30
    case "Ti": binaryExponent = 40
    case "Pi": binaryExponent = 50
    case "Ei": binaryExponent = 60
    default:
      guard let first = suffix.first, first == "e" || first == "E",
        let exponent = Int(suffix.dropFirst())
      else { return false }
      decimalExponent = min(max(exponent, -100), 100)
      format = .exponent
    }
    if binaryExponent > 0 { format = .binary }
    return true
  }

  /// The amount without its sign in billionths, rounded up and capped.
  func magnitude(limit: UInt128) -> UInt128 {
    if mantissa == 0 { return 0 }
    let exponent = 9 + decimalExponent - fractionDigits
    if isTooLarge || exponent > 36 { return limit }
    if exponent < -36 { return 1 }
    let factor = (UInt128(1) << binaryExponent) * UInt128(10).power(max(exponent, 0))
    let divisor = UInt128(10).power(max(-exponent, 0))
    let product = mantissa.multipliedFullWidth(by: factor)
    if product.high >= divisor { return limit }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    return min(remainder == 0 ? quotient : quotient + 1, limit)
  }
}

extension UInt128 {
  /// This number to a power that must fit: at most 38 for ten.
  fileprivate func power(_ exponent: Int) -> UInt128 {
    (0..<exponent).reduce(1) { result, _ in result * self }
  }
}
