import TestSupport
import Testing

@testable import Domain

struct UsageHintTests {
  private static let day = 24 * 3600

  private static func use(_ amounts: [Int64]) -> UseHistogram {
    var histogram = UseHistogram()
    for amount in amounts { histogram.note(amount) }
    return histogram
  }

  @Test func `a request that is never nearly used is said to be too much`() throws {
    let use = Self.use(Array(repeating: 120, count: 1440))
    let hint = try #require(
      UsageHint.about(.cpu, requested: 1000, use: use, measuredSeconds: Self.day))

    #expect(hint.fault == .tooMuch)
    #expect(hint.enough == 200, "a fifth more than 120m, as people write it")
  }

  @Test func `a request that is exceeded again and again is said to be too little`() throws {
    let use = Self.use(
      Array(repeating: 100, count: 80) + Array(repeating: 400 * 1024, count: 20))
    let hint = try #require(
      UsageHint.about(.memory, requested: 256 * 1024, use: use, measuredSeconds: Self.day))

    #expect(hint.fault == .tooLittle)
    #expect(hint.enough >= 480 * 1024)
  }

  @Test(
    arguments: [
      (requested: 0, used: 10, seconds: 24 * 3600, why: "nothing is asked for"),
      (requested: 1000, used: 10, seconds: 24 * 3600 - 1, why: "too little is known"),
      (requested: 200, used: 120, seconds: 24 * 3600, why: "it fits"),
      (requested: 50, used: 5, seconds: 24 * 3600, why: "the difference isn't worth a word"),
    ] as [(requested: Int64, used: Int64, seconds: Int, why: String)])
  func `nothing is said where a hint would be wrong or of no use`(
    requested: Int64, used: Int64, seconds: Int, why: String
  ) {
    let use = Self.use(Array(repeating: used, count: 100))
    #expect(
      UsageHint.about(.cpu, requested: requested, use: use, measuredSeconds: seconds) == nil,
      "\(why)")
  }

  @Test(arguments: 0..<50)
  func `a hint is never below what 99 of 100 looks saw`(seed: Int) {
    var numbers = SeededNumbers(seed: UInt64(seed))
    let amounts = (0..<2000).map { _ in Int64.random(in: 1...4000, using: &numbers) }
    let truth = amounts.sorted()[1979]
    for resource in UsageHint.Resource.allCases {
      for requested: Int64 in [10, 100_000, 40_000_000] {
        let hint = UsageHint.about(
          resource, requested: requested, use: Self.use(amounts), measuredSeconds: Self.day)
        if let hint {
          #expect(hint.enough >= truth)
          #expect(hint.used >= truth)
        }
      }
    }
  }
}
