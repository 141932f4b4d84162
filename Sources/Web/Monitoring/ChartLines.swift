import Domain
import Templates

/// One line of a chart, ready to draw.
struct ChartLine: Sendable {
  /// In the legend: a pod's name, or "limit".
  let name: String
  /// The same as its reader reads it: what somebody called something stays.
  let shown: String
  /// The style's name: "1" to "9" for what is measured, or the role.
  let style: String
  let paths: SeriesPaths
  /// The newest value, for the legend.
  let value: String
  /// Where the line ends, with a mark of its own shape.
  let end: End?
  /// What is written at a bound's line, where there is room for it.
  var label: BoundLabel?
  let figures: SeriesFigures
  let isBound: Bool

  /// The shape of its mark, around 0, 0.
  var shape: String { isBound ? "" : Self.shapes[(Int(style) ?? 1) - 1] }

  /// One for each style, told apart without colour: disc, square, triangle,
  /// diamond, ring, cross, saltire, triangle on its head, bar.
  private static let shapes = [
    "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z", "M-3.2-3.2h6.4v6.4h-6.4z",
    "M0-4.2l4.2 7.4h-8.4z", "M0-4.6l4.2 4.6l-4.2 4.6l-4.2-4.6z",
    "M-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0zM-2 0a2 2 0 1 1 4 0a2 2 0 1 1-4 0z",
    "M-1.3-4.2h2.6v2.9h2.9v2.6h-2.9v2.9h-2.6v-2.9h-2.9v-2.6h2.9z",
    "M-4-2.2l1.8-1.8l2.2 2.2l2.2-2.2l1.8 1.8l-2.2 2.2l2.2 2.2l-1.8 1.8l-2.2-2.2l-2.2 2.2l-1.8-1.8l2.2-2.2z",
    "M0 4.2l4.2-7.4h-8.4z", "M-4.5-1.4h9v2.8h-9z",
  ]

  struct End: Sendable {
    let x: Percentage
    let y: Percentage
  }
}

/// The lines of a chart with the axis they share.
struct ChartLines: Sendable {
  /// The most lines of what is measured.
  static let most = 9

  let axis: ValueAxis
  /// Steps of the time, at least 2, so that it has a width.
  let length: Int
  let lines: [ChartLine]
  /// The series of the lines, in the same order.
  let series: [MetricSeries]
  /// What isn't drawn, and why; empty when everything is.
  let notes: [String]

  /// nil when no series has a value.
  init?(_ all: [MetricSeries], of chart: MetricChart) {
    let known = all.compactMap { series in SeriesFigures(series.values).map { (series, $0) } }
    let measured = known.filter { $0.0.role == .use }
    // Of too many, those that reach highest.
    let highest = measured.sorted { $0.1.highest.value > $1.1.highest.value }.prefix(Self.most)
    let bar = highest.count < measured.count ? (highest.last?.1.highest.value ?? 0) : nil
    let chosen =
      bar == nil ? measured : highest.sorted { $0.0.name < $1.0.name }
    let peak = chosen.map(\.1.highest.value).max()
    let bounds = known.filter { $0.0.role != .use }
    let shown = bounds.filter { Self.fits($0.1.highest.value, beside: peak) }
    guard !chosen.isEmpty || !shown.isEmpty else { return nil }
    let drawn = chosen + shown
    let axis = ValueAxis(chart.unit, largest: drawn.map(\.1.highest.value).max() ?? 0)
    self.axis = axis
    series = drawn.map(\.0)
    let isAlone = chosen.count == 1
    length = max(2, all.map(\.values.count).max() ?? 0)
    let length = length
    let lines =
      chosen.enumerated().map { index, entry in
        ChartLine(
          entry.0, entry.1, of: chart, on: axis, length: length, style: "\(index + 1)",
          isFilled: isAlone)
      }
      + shown.map { entry in
        ChartLine(
          entry.0, entry.1, of: chart, on: axis, length: length, style: entry.0.role.rawValue,
          isFilled: false)
      }
    self.lines = BoundLabel.written(lines, of: series, on: axis, length: length)
    notes =
      Self.notes(
        left: measured.count - chosen.count,
        beyond: bounds.filter { !Self.fits($0.1.highest.value, beside: peak) }, chart.unit)
      + (chart.note.isEmpty ? [] : [chart.note])
  }

  /// A bound far above what is used would press it flat; it is told in words.
  private static func fits(_ bound: Double, beside peak: Double?) -> Bool {
    guard let peak, peak > 0 else { return true }
    return bound <= peak * 6
  }

  private static func notes(
    left: Int, beyond: [(MetricSeries, SeriesFigures)], _ unit: MetricChart.Unit
  ) -> [String] {
    var notes = beyond.map { series, figures in
      "\(series.role.word) \(MetricText.text(figures.last.value, unit)), above the chart"
    }
    if left > 0 {
      notes.append("\(left) more that \(left == 1 ? "stays" : "stay") lower")
    }
    return notes
  }
}

extension ChartLine {
  init(
    _ series: MetricSeries, _ figures: SeriesFigures, of chart: MetricChart, on axis: ValueAxis,
    length: Int, style: String, isFilled: Bool
  ) {
    let unnamed = series.role == .use ? chart.kind.measured : series.role.word
    name = series.name.isEmpty ? unnamed : series.name
    shown = series.name.isEmpty || series.isWord ? MessageCatalogue.shown(name) : name
    self.style = style
    self.figures = figures
    isBound = series.role != .use
    paths = SeriesPaths(
      series.values, on: axis, isStepped: chart.kind.isStepped || series.role != .use,
      isFilled: isFilled)
    value = figures.isCurrent ? MetricText.text(figures.last.value, chart.unit) : "ended"
    let y = Percentage(
      axis.place(figures.last.value, height: SeriesPaths.height), of: SeriesPaths.height)
    end =
      isBound ? nil : End(x: Percentage(figures.last.index, of: length - 1), y: y)
  }
}
