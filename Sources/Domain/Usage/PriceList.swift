/// What an admin says that resources cost. All amounts are millionths of the
/// currency, so that sums are exact.
public struct PriceList: Sendable, Hashable, Codable {
  /// As people write it, for example `EUR`.
  public var currency: String
  /// Of one core for an hour.
  public var coreHour: Int64
  /// Of one GiB of memory for an hour.
  public var memoryHour: Int64
  /// Of one GiB of a volume for a month of 730 hours.
  public var storageMonth: Int64

  /// The hours of a month, as cloud providers count them (8,760 / 12).
  public static let hoursPerMonth: Int64 = 730

  public init(currency: String, coreHour: Int64, memoryHour: Int64, storageMonth: Int64) {
    self.currency = currency
    self.coreHour = coreHour
    self.memoryHour = memoryHour
    self.storageMonth = storageMonth
  }
}

extension SettingKey where Value == PriceList? {
  /// What resources cost; nil shows no cost anywhere.
  public static let priceList = SettingKey("price-list", standard: nil)
}

/// A price list as an admin types it.
public struct PriceListDraft: Sendable, Hashable {
  public var isOn: Bool
  public var currency: String
  /// Decimal numbers with at most six places.
  public var coreHour: String
  public var memoryHour: String
  public var storageMonth: String

  public init(
    isOn: Bool, currency: String, coreHour: String, memoryHour: String, storageMonth: String
  ) {
    self.isOn = isOn
    self.currency = currency
    self.coreHour = coreHour
    self.memoryHour = memoryHour
    self.storageMonth = storageMonth
  }

  /// - Throws: `invalid` with the fields `currency`, `coreHour`, `memoryHour`
  ///   and `storageMonth`, all that are wrong at once.
  public func validated() throws(DomainError) -> PriceList? {
    guard isOn else { return nil }
    var mistakes: [FieldError] = []
    let currency = currency.trimmingSpaces()
    let isName = currency.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.generalCategory == .currencySymbol
    }
    if currency.isEmpty || currency.count > 8 || !isName {
      mistakes.append(
        FieldError("currency", "Name a currency in at most 8 letters, such as EUR or $."))
    }
    func price(_ field: String, _ text: String) -> Int64 {
      if let price = MoneyText.millionths(text) { return price }
      mistakes.append(
        FieldError(
          field, "Write an amount from 0 to 1,000,000 with at most six places, such as 0.031."))
      return 0
    }
    let list = PriceList(
      currency: currency, coreHour: price("coreHour", coreHour),
      memoryHour: price("memoryHour", memoryHour),
      storageMonth: price("storageMonth", storageMonth))
    guard mistakes.isEmpty else { throw .invalid(mistakes) }
    return list
  }
}

/// Amounts of money as people write them.
public enum MoneyText {
  /// The largest price, in millionths.
  private static let limit: Int64 = 1_000_000 * 1_000_000

  /// Reads `0.031` as 31,000 millionths.
  ///
  /// - Returns: nil for what isn't a decimal number from 0 to a million with at
  ///   most six places.
  public static func millionths(_ text: String) -> Int64? {
    let parts = text.trimmingSpaces().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first, (1...7).contains(whole.utf8.count),
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    let places = parts.count == 2 ? parts[1] : "0"
    guard (1...6).contains(places.utf8.count), let units = Int64(whole),
      let rest = Int64(places + String(repeating: "0", count: 6 - places.utf8.count))
    else { return nil }
    let amount = units * 1_000_000 + rest
    return amount <= limit ? amount : nil
  }

  /// Writes a price with the places that it needs, at least two.
  public static func price(_ millionths: Int64) -> String {
    var places = String(1_000_000 + millionths % 1_000_000).dropFirst()
    while places.count > 2, places.last == "0" { places.removeLast() }
    return "\(millionths / 1_000_000).\(places)"
  }
}
