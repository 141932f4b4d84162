import Testing

@testable import CommandLine

struct ReaderTests {
  private let text = """
    : a comment
    event: rollout
    data: {"a":
    data: 1}

    data:plain

    event: nothing

    data: not ended
    """

  @Test(arguments: [1, 2, 3, 7, 1000])
  func `events are the same wherever the bytes are cut`(size: Int) {
    let bytes = Array(text.replacing("plain\n", with: "plain\r\n").utf8)
    var reader = EventReader()
    var events: [EventReader.Event] = []

    for start in stride(from: 0, to: bytes.count, by: size) {
      events += reader.read(bytes[start..<min(start + size, bytes.count)])
    }

    #expect(
      events == [
        .init(name: "rollout", data: "{\"a\":\n1}"), .init(name: "message", data: "plain"),
      ])
  }

  @Test func `a character that is cut in two is put together`() {
    var reader = LineReader()
    let bytes = Array("süß\nrest".utf8)

    let lines = reader.read(bytes[..<2]) + reader.read(bytes[2...])

    #expect(lines == ["süß"])
    #expect(reader.last() == "rest")
    #expect(reader.last() == nil)
  }
}
