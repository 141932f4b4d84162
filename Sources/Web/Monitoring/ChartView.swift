import Domain
import Foundation
import Templates

/// One chart: its heading, and the drawing or why there is none.
struct ChartView: Sendable {
  /// Names the chart on its page: "chart-cpu".
  let id: String
  let title: String
  /// The newest value, where there is one line; else empty.
  let now: String
  /// nil when the question failed.
  let drawing: ChartDrawing?
  /// Why there is no drawing; empty when there is one.
  let failure: String

  var hasNow: Bool { !now.isEmpty }

  /// nil when nothing is measured, which isn't worth the room of a chart.
  init?(_ chart: MetricChart, of subject: MetricsReport.Subject, over range: MetricRange) {
    id = "chart-\(chart.kind.rawValue)"
    title = chart.kind.title
    switch chart.content {
    case .nothing: return nil
    case .failed(let why):
      drawing = nil
      failure = why
      now = ""
    case .series(let series):
      guard let lines = ChartLines(series, of: chart) else { return nil }
      let drawing = ChartDrawing(lines, of: chart, about: subject, over: range)
      self.drawing = drawing
      failure = ""
      let measured = lines.lines.filter { !$0.isBound }
      now =
        measured.count == 1 && measured[0].figures.isCurrent ? measured[0].value : ""
    }
  }
}

/// The drawing of a chart, with its legend and its table.
struct ChartDrawing: Sendable {
  /// A line across with its value.
  struct Tick: Sendable {
    let y: Percentage
    let text: String
  }

  /// The view box of the lines: its units are stretched to the drawing.
  let viewBox: String
  let ticks: [Tick]
  let times: [TimeAxis.Tick]
  let lines: [ChartLine]
  let marks: ChartMarks
  let notes: [String]
  let table: ChartTable
  /// "Memory of web over 24 hours"
  let title: String
  /// Newest, lowest and highest in words.
  let description: String
  /// For reading values off: see scripts/charts.js.
  let unit: String
  let top: String
  let start: Int
  let step: Int

  let hasLegend: Bool

  init(
    _ drawn: ChartLines, of chart: MetricChart, about subject: MetricsReport.Subject,
    over range: MetricRange
  ) {
    let length = drawn.length
    viewBox = "0 0 \((length - 1) * SeriesPaths.stepWidth) \(SeriesPaths.height)"
    let axis = drawn.axis
    ticks = axis.ticks.map { value in
      Tick(
        y: Percentage(axis.place(value, height: 10_000), of: 10_000),
        text: MetricText.tick(value, chart.unit))
    }
    let time = TimeAxis(
      start: chart.start, length: (length - 1) * chart.step, range: range)
    times = time.ticks
    lines = drawn.lines
    marks = ChartMarks(chart.marks, on: time, in: subject.project, range: range)
    notes = drawn.notes
    // One line without a name of its own is what the heading says.
    hasLegend = lines.count > 1 || !notes.isEmpty || drawn.series.contains { !$0.name.isEmpty }
    table = ChartTable(
      zip(drawn.lines, drawn.series).map { ($0.shown, $1.values) }, of: chart, range: range)
    title = "\(chart.kind.title) of \(subject.name) over \(range.text)"
    description = ChartDescription.text(drawn, of: chart, over: range)
    unit = chart.unit.rawValue
    top = "\(axis.top)"
    start = Int(chart.start.timeIntervalSince1970.rounded())
    step = chart.step
  }
}

extension MetricsReport.Subject {
  /// The pod, the application or the project that it is about.
  var name: String { pod ?? application ?? project }
}

/// What a chart shows, in words.
enum ChartDescription {
  /// The most lines that are told one by one.
  private static let most = 5

  static func text(
    _ drawn: ChartLines, of chart: MetricChart, over range: MetricRange
  ) -> String {
    let measured = drawn.lines.filter { !$0.isBound }
    var sentences = measured.prefix(most).map { line in
      (measured.count > 1 ? "\(line.name): " : "") + sentence(line.figures, chart, range)
    }
    if measured.count > most {
      sentences.append("\(measured.count - most) more lines are in the table.")
    }
    sentences += drawn.lines.filter(\.isBound).map { line in
      "\(line.name.prefix(1).uppercased())\(line.name.dropFirst()): \(MetricText.words(line.figures.last.value, chart.unit))."
    }
    let gaps = measured.map(\.figures.gaps).max() ?? 0
    if gaps > 0 { sentences.append("For a time nothing was measured.") }
    if !chart.marks.isEmpty {
      sentences.append(
        chart.marks.count == 1 ? "1 release was made." : "\(chart.marks.count) releases were made.")
    }
    return sentences.joined(separator: " ")
  }

  private static func sentence(
    _ figures: SeriesFigures, _ chart: MetricChart, _ range: MetricRange
  ) -> String {
    func words(_ point: SeriesFigures.Point) -> String {
      MetricText.words(point.value, chart.unit)
    }
    func time(_ point: SeriesFigures.Point) -> String {
      let start = Int(chart.start.timeIntervalSince1970.rounded())
      return UTCTime(start + point.index * chart.step).text(in: range)
    }
    let last =
      figures.isCurrent
      ? "now \(words(figures.last))" : "last \(words(figures.last)) at \(time(figures.last))"
    guard figures.lowest.value != figures.highest.value else {
      return "\(last), the same all the time."
    }
    return
      "\(last), lowest \(words(figures.lowest)) at \(time(figures.lowest)), highest \(words(figures.highest)) at \(time(figures.highest))."
  }
}
