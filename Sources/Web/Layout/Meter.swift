/// How much of a bound is used: "CPU 1.2 of 4".
struct Meter: Sendable, Equatable {
  let label: String
  let used: String
  let hard: String
  /// From 0 to 100 for the bar's width; text shows what is beyond.
  let percent: Int
  /// The style's name: "good" below 80 %, "warning" below 100 %, then "bad".
  let style: String

  /// - Parameter percent: used of hard, in hundredths; beyond 100 is full.
  init(label: String, used: String, hard: String, percent: Int) {
    self.label = label
    self.used = used
    self.hard = hard
    self.percent = min(100, max(0, percent))
    style = percent >= 100 ? "bad" : percent >= 80 ? "warning" : "good"
  }

  /// - Parameter style: of the bar, for what isn't a bound.
  init(label: String, used: String, hard: String, percent: Int, style: String) {
    self.label = label
    self.used = used
    self.hard = hard
    self.percent = min(100, max(0, percent))
    self.style = style
  }

  /// What a screen reader says.
  var text: String { "\(used) of \(hard), \(percent) %" }
}
