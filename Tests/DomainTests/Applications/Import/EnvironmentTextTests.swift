import TestSupport
import Testing

@testable import Domain

/// Variables as `.env` text, and back.
@Suite struct EnvironmentTextTests {
  private static func pairs(_ text: String) -> [String] {
    EnvironmentText(text).variables.map { "\($0.line) \($0.name)=\($0.value)" }
  }

  @Test func `what env files have is read`() {
    let text =
      "\u{FEFF}# a comment\r\nPLAIN=one two  # told\r\nexport EXPORTED=yes\r\nEMPTY=\r\n"
      + "SINGLE='a # $b \\n'\r\nDOUBLE=\"a \\\"b\\\"\\n\\tc \\$d \\x\" # told\r\n"
      + "LINES=\"first\r\nsecond\"\r\n  SPACED = value \r\nCOLOR=#fff\r\nBLANK= # nothing\r\nURL=a=b"

    #expect(
      Self.pairs(text) == [
        "2 PLAIN=one two", "3 EXPORTED=yes", "4 EMPTY=", "5 SINGLE=a # $b \\n",
        "6 DOUBLE=a \"b\"\n\tc $d \\x", "7 LINES=first\nsecond", "9 SPACED=value",
        "10 COLOR=#fff", "11 BLANK=", "12 URL=a=b",
      ])
    #expect(EnvironmentText(text).mistakes.isEmpty)
  }

  @Test func `each line that can't be read is told, and the others are read`() {
    let text = EnvironmentText("A=1\nno sign\n1B=2\nA=3\nC=\"x\" y\nD=4\nE='open\nF=5")

    #expect(text.variables.map(\.name) == ["A", "D"])
    #expect(text.mistakes.map(\.line) == [2, 3, 4, 5, 7])
    #expect(text.mistakes[2].sentence.contains("line 1 already"))
  }

  @Test func `every value comes back from the text exactly as it was`() {
    let values = HostileText.all.filter { !$0.utf8.contains(0) }
    let rows = values.enumerated().map {
      ApplicationDraft.EnvironmentRow(name: "V\($0.offset)", value: $0.element)
    }

    let text = EnvironmentText(EnvironmentText.text(of: rows))

    #expect(text.mistakes.isEmpty)
    #expect(text.variables.count == rows.count)
    for (row, variable) in zip(rows, text.variables) {
      #expect(row.name == variable.name)
      // Swift takes texts for equal that have other bytes.
      #expect(Array(row.value.utf8) == Array(variable.value.utf8), "\(row.name)")
    }
  }

  @Test func `random values come back exactly`() {
    var numbers = SeededNumbers(seed: 7)
    let pieces = ["\"", "'", "\\", "\n", "\r", "#", " ", "$", "`", "=", "a", "\u{301}", "\t", "n"]
    for _ in 0..<3_000 {
      let rows = (0..<3).map { index in
        ApplicationDraft.EnvironmentRow(
          name: "N\(index)",
          value: (0..<numbers.below(9)).map { _ in pieces[numbers.below(pieces.count)] }.joined())
      }
      let read = EnvironmentText(EnvironmentText.text(of: rows)).variables
      #expect(read.map { Array($0.value.utf8) } == rows.map { Array($0.value.utf8) })
    }
  }
}
