/// Lines on a terminal that are drawn again in the same place.
struct LiveLines {
  private var drawn = 0

  /// The text that replaces what was drawn before by these lines.
  mutating func draw(_ lines: [String], width: Int) -> String {
    // A line that the terminal breaks in two would be counted as one.
    let shortened = lines.map { $0.onOneLine.shortened(to: max(20, width - 1)) }
    let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
    drawn = shortened.count
    return up + "\u{1B}[J" + shortened.map { "\($0)\n" }.joined()
  }
}
