import Domain
import Foundation

/// The values of a chart as a table, in about a dozen rows.
struct ChartTable: Sendable {
  struct Row: Sendable {
    let time: String
    let cells: [String]
  }

  /// What a cell holds: "Each row is the highest of 2 hours."
  let caption: String
  /// What the lines are called, as the reader reads it.
  let columns: [String]
  let rows: [Row]

  /// - Parameter series: with the names of their columns.
  init(
    _ series: [(name: String, values: [Double?])], of chart: MetricChart, range: MetricRange
  ) {
    // Of what is wanted to be there the least tells most.
    let isLeast = chart.kind == .replicas
    let seconds = Self.secondsPerRow(range)
    caption =
      "Each row is the \(isLeast ? "lowest" : "highest") value of \(UsageText.duration(seconds)). Times are UTC."
    columns = series.map(\.name)
    let start = Int(chart.start.timeIntervalSince1970.rounded())
    let length = series.map(\.values.count).max() ?? 0
    var rows: [Row] = []
    var first = 0
    while first < length {
      let row = (start + first * chart.step) / seconds * seconds
      // The first step of the next row.
      let next = min(length, max(first + 1, (row + seconds - start + chart.step - 1) / chart.step))
      let cells = series.map { _, values in
        let values = values.dropFirst(first).prefix(next - first).compactMap(\.self)
        return (isLeast ? values.min() : values.max()).map { MetricText.text($0, chart.unit) }
          ?? "–"
      }
      rows.append(Row(time: UTCTime(row).text(in: range), cells: cells))
      first = next
    }
    self.rows = rows
  }

  /// Ten to fifteen rows, which begin at round times.
  private static func secondsPerRow(_ range: MetricRange) -> Int {
    switch range {
    case .hour: 300
    case .sixHours: 1800
    case .day: 2 * 3600
    case .week: 12 * 3600
    case .month: 2 * 24 * 3600
    }
  }
}
