import TestSupport
import Testing

@testable import Domain

struct CostTests {
  private static let prices = PriceList(
    currency: "EUR", coreHour: 40_000, memoryHour: 5_000, storageMonth: 100_000)

  @Test func `what it costs is what one gets by hand`() {
    let gibi: Int64 = 1024 * 1024
    // Half a core and 2 GiB for 100 hours, 10 GiB of a volume for a tenth of a month.
    let reserved = Reservation(
      cpu: 500 * 100 * 3600, memory: 2 * gibi * 100 * 3600, storage: 10 * gibi * 73 * 3600)
    let cost = reserved.cost(by: Self.prices)

    #expect(cost == Cost(cpu: 2_000_000, memory: 1_000_000, storage: 100_000))
    #expect(MoneyText.amount(cost.total) == "3.10")
  }

  @Test func `halves are rounded to even`() {
    #expect([1, 3, 5, 7].map { Reservation.rounded($0, 2) } == [0, 2, 2, 4])
    #expect(MoneyText.amount(5_000) == "0.00")
    #expect(MoneyText.amount(15_000) == "0.02")
    #expect(MoneyText.amount(1_234_567_890_000) == "1,234,567.89")
  }

  @Test(arguments: 0..<20)
  func `parts of a sum cost what the sum costs, but for their rounding`(seed: Int) {
    var numbers = SeededNumbers(seed: UInt64(seed))
    let parts = (0..<50).map { _ in
      Reservation(
        cpu: .random(in: 0...1_000_000_000, using: &numbers),
        memory: .random(in: 0...1_000_000_000_000, using: &numbers),
        storage: .random(in: 0...1_000_000_000_000, using: &numbers))
    }
    let together = parts.reduce(.zero, +).cost(by: Self.prices).total
    let apart = parts.map { $0.cost(by: Self.prices).total }.reduce(0, +)

    #expect(abs(together - apart) <= 50 * 3 / 2 + 2, "half a millionth for each number")
  }

  @Test(
    arguments: [
      ("0.031", 31_000), ("2", 2_000_000), (" 1.5 ", 1_500_000), ("1000000", 1_000_000_000_000),
      ("0", 0), ("0.000001", 1),
    ] as [(String, Int64)])
  func `a price is read to the millionth`(text: String, millionths: Int64) {
    #expect(MoneyText.millionths(text) == millionths)
    #expect(MoneyText.millionths(MoneyText.price(millionths)) == millionths)
  }

  @Test(arguments: [
    "", ".5", "1.", "-1", "1e3", "0.0000001", "1000000.1", "1,5", "1.2.3", "١", "99999999",
  ])
  func `what isn't a price is refused`(text: String) {
    #expect(MoneyText.millionths(text) == nil)
  }

  @Test func `all that is wrong with a price list is told at once`() {
    let draft = PriceListDraft(
      isOn: true, currency: "not a currency", coreHour: "x", memoryHour: "0.1", storageMonth: "-")
    let error = #expect(throws: DomainError.self) { _ = try draft.validated() }

    #expect(error?.fields.map(\.field) == ["currency", "coreHour", "storageMonth"])
  }
}
