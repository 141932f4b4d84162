import Foundation
import Kubernetes
import Testing

struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0.0), ("2026-11-23T03:58:30Z", 1_795_406_310),
    ("2026-11-23T03:58:30.5Z", 1_795_406_310.5), ("2024-02-29T23:59:59Z", 1_709_251_199),
    ("2026-11-23T05:58:30+02:00", 1_795_406_310), ("2026-11-22T22:58:30-05:00", 1_795_406_310),
    ("1969-12-31T23:59:59Z", -1), ("2026-11-23t03:58:30z", 1_795_406_310),
    ("2026-11-23T03:58:30.330055Z", 1_795_406_310.330055),
  ])
  func `RFC 3339 times are read`(text: String, seconds: Double) {
    #expect(Timestamp.date(text)?.timeIntervalSince1970 == seconds)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T03:58:30", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-11-23T24:00:00Z", "2026-11-23T23:59:60Z", "2026-11-23 03:58:30Z",
    "2026-11-23T03:58:30.Z", "2026-11-23T03:58:30+25:00", "2026-11-23T03:58:30Zx", "x",
    "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "２026-01-01T00:00:00Z",
  ])
  func `anything else isn't a time`(text: String) {
    #expect(Timestamp.date(text) == nil)
  }

  @Test func `times are written in seconds and in microseconds`() {
    let date = Date(timeIntervalSince1970: 1_795_406_310.25)

    #expect(Timestamp.text(date) == "2026-11-23T03:58:30Z")
    #expect(Timestamp.microText(date) == "2026-11-23T03:58:30.250000Z")
    #expect(Timestamp.text(Date(timeIntervalSince1970: -1)) == "1969-12-31T23:59:59Z")
  }

  @Test func `what is written is read again, and agrees with Foundation`() {
    let formatter = ISO8601DateFormatter()
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      let seconds = Double(Int.random(in: -2_000_000_000...8_000_000_000, using: &random))
      let date = Date(timeIntervalSince1970: seconds)

      #expect(Timestamp.date(Timestamp.text(date)) == date)
      #expect(Timestamp.text(date) == formatter.string(from: date))
    }
  }
}
