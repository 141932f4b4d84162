/// What resources cost over some time, in millionths of the currency.
public struct Cost: Sendable, Hashable {
  public var cpu: Int64
  public var memory: Int64
  public var storage: Int64

  /// The sum.
  public var total: Int64 { cpu + memory + storage }

  /// Nothing.
  public static let zero = Cost(cpu: 0, memory: 0, storage: 0)

  /// The sum of each.
  public static func + (left: Cost, right: Cost) -> Cost {
    Cost(
      cpu: left.cpu + right.cpu, memory: left.memory + right.memory,
      storage: left.storage + right.storage)
  }

  /// Adds in place.
  public static func += (left: inout Cost, right: Cost) { left = left + right }
}

/// What was reserved over some time: what a bill is about, because nobody else
/// can use it meanwhile.
public struct Reservation: Sendable, Hashable {
  /// Thousandths of a core times seconds.
  public var cpu: Int64
  /// KiB times seconds.
  public var memory: Int64
  /// KiB times seconds.
  public var storage: Int64

  public init(cpu: Int64 = 0, memory: Int64 = 0, storage: Int64 = 0) {
    self.cpu = cpu
    self.memory = memory
    self.storage = storage
  }

  /// Nothing.
  public static let zero = Reservation()

  /// The sum of each.
  public static func + (left: Reservation, right: Reservation) -> Reservation {
    Reservation(
      cpu: left.cpu + right.cpu, memory: left.memory + right.memory,
      storage: left.storage + right.storage)
  }

  /// Adds in place.
  public static func += (left: inout Reservation, right: Reservation) { left = left + right }

  /// KiB in a GiB.
  private static let gibi: Int128 = 1024 * 1024
  private static let hour: Int128 = 3600

  /// What it costs: each of the three is rounded once, to a millionth, half to
  /// even.
  public func cost(by prices: PriceList) -> Cost {
    Cost(
      cpu: Self.rounded(Int128(cpu) * Int128(prices.coreHour), 1000 * Self.hour),
      memory: Self.rounded(Int128(memory) * Int128(prices.memoryHour), Self.gibi * Self.hour),
      storage: Self.rounded(
        Int128(storage) * Int128(prices.storageMonth),
        Self.gibi * Self.hour * Int128(PriceList.hoursPerMonth)))
  }

  /// A quotient of numbers that aren't negative, rounded half to even.
  static func rounded(_ dividend: Int128, _ divisor: Int128) -> Int64 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    let isUp = remainder * 2 > divisor || (remainder * 2 == divisor && quotient % 2 == 1)
    return Int64(clamping: isUp ? quotient + 1 : quotient)
  }
}

extension MoneyText {
  /// Writes an amount of millionths to the hundredth, half to even, with
  /// thousands set apart.
  public static func amount(_ millionths: Int64) -> String {
    let hundredths = Reservation.rounded(Int128(millionths), 10_000)
    var whole = String(hundredths / 100)
    var grouped = ""
    while whole.count > 3 {
      grouped = "," + whole.suffix(3) + grouped
      whole.removeLast(3)
    }
    return "\(whole)\(grouped).\(String(100 + hundredths % 100).dropFirst())"
  }
}
