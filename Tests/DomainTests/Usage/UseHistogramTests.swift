import TestSupport
import Testing

@testable import Domain

struct UseHistogramTests {
  @Test(arguments: 0..<20)
  func `a quantile is never below the true one, and at most 9 % above it`(seed: Int) throws {
    var numbers = SeededNumbers(seed: UInt64(seed))
    var histogram = UseHistogram()
    let amounts = (0..<500).map { _ in
      Int64.random(in: 0...Int64.random(in: 1...50_000_000, using: &numbers), using: &numbers)
    }
    for amount in amounts { histogram.note(amount) }
    let sorted = amounts.sorted()

    for share in [0.5, 0.95, 0.99, 1] {
      let truth = sorted[Int((share * 500).rounded(.up)) - 1]
      let found = try #require(histogram.quantile(share))
      #expect(found >= truth)
      #expect(Double(found) <= Double(truth) * 1.0906 + 1)
    }
    #expect(histogram.total == 500)
  }

  @Test func `it comes back from the database as it was`() throws {
    var histogram = UseHistogram()
    for amount: Int64 in [0, 1, 1, 900, 40_000_000] { histogram.note(amount) }

    #expect(UseHistogram.decoded(from: histogram.sqlValue) == histogram)
    #expect(UseHistogram.decoded(from: .text("")) == UseHistogram())
    #expect(UseHistogram.decoded(from: .text("7")) == nil)
    #expect(UseHistogram.decoded(from: .text("9:-1")) == nil)
  }

  @Test func `nothing has no quantile`() {
    #expect(UseHistogram().quantile(0.95) == nil)
  }
}
