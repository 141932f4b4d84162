import Foundation
import Kubernetes
import Testing

struct QuantityTests {
  // Written, canonical, thousandths, units; the latter two rounded up.
  private static let quantities: [(String, String, Int64, Int64)] = [
    ("0", "0", 0, 0), ("1", "1", 1000, 1), ("500m", "500m", 500, 1), ("1500m", "1500m", 1500, 2),
    ("0.5", "500m", 500, 1), (".5", "500m", 500, 1), ("5.", "5", 5000, 5), ("+1", "1", 1000, 1),
    ("-1", "-1", -1000, -1), ("-1500m", "-1500m", -1500, -2), ("1k", "1k", 1_000_000, 1000),
    ("1000", "1k", 1_000_000, 1000), ("1500", "1500", 1_500_000, 1500),
    ("64Mi", "64Mi", 67_108_864_000, 67_108_864), ("1024Mi", "1Gi", 1_073_741_824_000, 1 << 30),
    ("1.5Gi", "1536Mi", 1_610_612_736_000, 1_610_612_736), ("0.5Ki", "512", 512_000, 512),
    ("1e3", "1e3", 1_000_000, 1000), ("12E2", "1200", 1_200_000, 1200),
    ("1E", "1E", 9_223_372_036_854_775_807, 1_000_000_000_000_000_000),
    ("1e-3", "1e-3", 1, 1), ("1u", "1u", 1, 1), ("1n", "1n", 1, 1), ("0.1n", "1n", 1, 1),
    ("100u", "100u", 1, 1), ("1Ei", "1Ei", .max, 1 << 60),
    ("0.0000000001", "1n", 1, 1),
    ("1.0000000000000000000000000000000000001", "1000000001n", 1001, 2),
    ("99999999999999999999", "9223372036854775807", .max, .max),
    ("1e100", "9223372036854775807", .max, .max), ("1e-100", "1e-9", 1, 1),
    ("00100", "100", 100_000, 100), ("3.3M", "3300k", 3_300_000_000, 3_300_000),
  ]

  @Test(arguments: quantities)
  func `a quantity is read exactly and written canonically`(
    text: String, canonical: String, milli: Int64, value: Int64
  ) throws {
    let quantity = try #require(Quantity(text))

    #expect(quantity.milliValue == milli)
    #expect(quantity.value == value)
    if !["1e100", "1e-100"].contains(text) { #expect(quantity.description == canonical) }
  }

  @Test(arguments: [
    "", " ", "1 ", " 1", "m", ".", "-", "+-1", "1.2.3", "1mi", "1MI", "1K", "1ki", "1e", "1e1.5",
    "lots", "1Mib", "0x10", "1,5", "١", "1e+-1", "1µ",
  ])
  func `anything else isn't a quantity`(text: String) {
    #expect(Quantity(text) == nil)
  }

  @Test(arguments: [
    ("1", "1000m"), ("1Gi", "1073741824"), ("1k", "1e3"), ("0", "-0"), ("0.001", "1m"),
  ])
  func `quantities are equal when their amounts are`(left: String, right: String) throws {
    let left = try #require(Quantity(left))
    let right = try #require(Quantity(right))

    #expect(left == right)
    #expect(left.hashValue == right.hashValue)
    #expect(!(left < right) && !(right < left))
  }

  @Test(arguments: [
    ("1n", "1u"), ("999m", "1"), ("1G", "1Gi"), ("-1", "0"), ("-2", "-1"), ("1023Mi", "1Gi"),
  ])
  func `quantities are ordered by amount`(smaller: String, larger: String) throws {
    #expect(try #require(Quantity(smaller)) < #require(Quantity(larger)))
  }

  @Test(arguments: [
    ("500m", "1500m", "2"), ("1Gi", "512Mi", "1536Mi"), ("0", "64Mi", "64Mi"), ("1", "1Ki", "1025"),
    ("100m", "1", "1100m"),
  ])
  func `the sum is written like the first`(left: String, right: String, sum: String) throws {
    let left = try #require(Quantity(left))
    let right = try #require(Quantity(right))

    #expect((left + right).description == sum)
    #expect(left + right - right == left)
  }

  @Test func `products are exact and capped`() throws {
    let memory = try #require(Quantity("64Mi"))

    #expect((memory * 3).description == "192Mi")
    #expect((memory * 0).isZero)
    #expect(memory * Int.max == Quantity(.max))
    #expect(memory * -2 == Quantity(-134_217_728))
    #expect(Quantity(.max) * .max == Quantity(.max))
    #expect(Quantity(.max) * -.max * .max == Quantity(.max) * -1)
    #expect(Quantity(.max) + Quantity(.max) == Quantity(.max))
  }

  @Test func `it is made from numbers`() {
    #expect(Quantity(milli: 250).description == "250m")
    #expect(Quantity(2).description == "2")
    #expect(Quantity(1 << 20, format: .binary).description == "1Mi")
    #expect(Quantity(milli: 1500).doubleValue == 1.5)
    #expect(Quantity(JSONValue.integer(2)) == Quantity(2))
    #expect(Quantity(JSONValue.number(0.5)) == Quantity(milli: 500))
    #expect(Quantity(JSONValue.bool(true)) == nil)
  }

  @Test func `it is coded as text, and read from text or number`() throws {
    let data = try JSONEncoder().encode([try #require(Quantity("1024Mi"))])
    #expect(String(decoding: data, as: UTF8.self) == #"["1Gi"]"#)

    let read = try JSONDecoder().decode([Quantity].self, from: Data(#"["1Gi",2,0.5]"#.utf8))
    #expect(read == [Quantity(1 << 30), Quantity(2), Quantity(milli: 500)])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Quantity].self, from: Data(#"["lots"]"#.utf8))
    }
  }

  @Test func `whatever was read is read again from what was written`() throws {
    var random = SeededRandom(seed: 5)
    let suffixes = ["n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2"]
    for _ in 0..<2000 {
      let number = Int.random(in: -100_000...100_000, using: &random)
      let suffix = try #require(suffixes.randomElement(using: &random))
      let quantity = try #require(Quantity("\(number)\(suffix)"))

      #expect(Quantity(quantity.description) == quantity)
    }
  }
}
