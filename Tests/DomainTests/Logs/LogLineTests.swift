import Testing

@testable import Domain

@Suite struct LogLineTests {
  @Test(arguments: [
    ("\u{1B}[31mred\u{1B}[0m plain", "red plain"),
    ("\u{1B}]0;title\u{07}after", "after"),
    ("\u{1B}]8;;https://example.org\u{1B}\\link", "link"),
    ("\u{1B}(Bascii", "ascii"),
    ("bell\u{07} and\u{00} nul\u{7F}", "bell and nul"),
    ("50 %\r100 %", "50 % 100 %"),
    ("line\r", "line"),
    ("tab\tstays", "tab\tstays"),
    ("safe\u{202E}gnp.exe", "safe\u{FFFD}gnp.exe"),
    ("\u{9B}1mold\u{9B}0m", "old"),
    ("cut \u{1B}[3", "cut "),
    ("zwölf ☕ 😀", "zwölf ☕ 😀"),
  ])
  func `escape sequences and control characters are taken out`(raw: String, shown: String) {
    #expect(LogText.cleaned(raw) == shown)
  }

  @Test func `the time before a line is told from the line`() {
    let line = RawLogLine("2026-11-23T05:26:10.123456789Z GET / 200", of: "web-1-abc").shown

    #expect(line.time?.text == "2026-11-23T05:26:10.123456789Z")
    #expect(line.text == "GET / 200")
    #expect(RawLogLine("2026-11-23T05:26:10.123456789Z", of: "p").text.isEmpty)
    #expect(RawLogLine("no time at all", of: "p").shown.time == nil)
    #expect(RawLogLine("no time at all", of: "p").text == "no time at all")
  }

  @Test func `a long line is cut between characters, and says so`() {
    let long = "2026-11-23T05:26:10.1Z " + String(repeating: "é", count: 10_000)

    let line = RawLogLine(long, of: "p")

    #expect(line.isCut)
    #expect(line.text.utf8.count <= LogLine.maximumBytes)
    #expect(!line.text.contains("\u{FFFD}"))
    #expect(line.text.utf8.count > LogLine.maximumBytes - 4)
  }

  @Test func `times are compared to the nanosecond`() throws {
    let early = try #require(LogTime("2026-11-23T05:26:10.123456788Z"))
    let late = try #require(LogTime("2026-11-23T05:26:10.123456789Z"))
    let elsewhere = try #require(LogTime("2026-11-23T06:26:11.000000000+01:00"))

    #expect(early < late)
    #expect(!(late < early))
    #expect(late < elsewhere)
    #expect(LogTime("<script>") == nil)
    #expect(LogTime("") == nil)
  }

  @Test(arguments: [
    ("An ERROR here", "error", true), ("an error", "ERROR", true), ("fine", "error", false),
    ("", "x", false), ("anything", "", true), ("ÄRGER", "ärger", true),
    ("\u{1B}[31mÄr\u{1B}[0mger", "ärger", true),
  ])
  func `a search looks at the text whatever its case`(text: String, search: String, found: Bool) {
    #expect(LogQuery.holds(text, search) == found)
  }

  @Test func `logs of several pods become one by time`() {
    func lines(_ pod: String, _ seconds: [Int]) -> [LogLine] {
      seconds.map { RawLogLine("2026-11-23T05:26:1\($0).0Z \(pod)\($0)", of: pod).shown }
    }

    let merged = Logs.merged([lines("a", [1, 3, 5]), lines("b", [2, 4]), []])

    #expect(merged.map(\.text) == ["a1", "b2", "a3", "b4", "a5"])
  }
}

@Suite struct LogBufferTests {
  @Test func `what doesn't fit is dropped, the oldest first, and counted`() throws {
    let buffer = LogBuffer(maximumLines: 3, maximumBytes: 1 << 20)
    for number in 1...10 { buffer.add(RawLogLine("line \(number)", of: "p")) }

    let batch = try #require(buffer.take())

    #expect(batch.leftOut == 7)
    #expect(
      batch.items
        == (8...10).map { .line(RawLogLine("line \($0)", of: "p").shown) })
    #expect(buffer.take() == nil)
  }

  @Test func `a reader who never comes costs no more than the bound`() {
    let buffer = LogBuffer(maximumLines: 2_000, maximumBytes: 64 << 10)
    let text = String(repeating: "x", count: 1_000)
    for _ in 0..<50_000 { buffer.add(RawLogLine(text, of: "p")) }

    #expect(buffer.peakBytes <= 66 << 10)
    #expect((buffer.take()?.leftOut ?? 0) > 49_000)
  }

  @Test func `slots are bounded for a person and for everybody, and come back`() throws {
    let slots = LogSlots(perPerson: 2, total: 3)
    let (ann, bob) = (User.ID(rawValue: "ann"), User.ID(rawValue: "bob"))
    var held = [try slots.take(for: ann), try slots.take(for: ann)]

    let own = #expect(throws: LogSlots.Full.self) { try slots.take(for: ann) }
    held.append(try slots.take(for: bob))
    let total = #expect(throws: LogSlots.Full.self) { try slots.take(for: bob) }

    #expect(own?.sentence.contains("the most for one person") == true)
    #expect(total?.sentence.contains("the most for everybody together") == true)
    held[0].release()
    held[0].release()
    #expect(slots.count == 2)
    held = []
    #expect(slots.count == 0)
  }
}
