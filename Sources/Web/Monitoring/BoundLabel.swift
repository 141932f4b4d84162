import Domain

/// What is written at the line of a limit or a request.
struct BoundLabel: Sendable {
  let text: String
  let y: Percentage
  /// Whether it stands at the right end.
  let isAtEnd: Bool
  /// Whether it stands below its line.
  let isBelow: Bool

  /// How much of a chart a label covers, as it is on a phone.
  private static let width = 0.45
  private static let height = SeriesPaths.height / 9

  /// The lines with a label where one covers nothing that was measured; the
  /// legend has it in any case.
  static func written(
    _ lines: [ChartLine], of series: [MetricSeries], on axis: ValueAxis, length: Int
  ) -> [ChartLine] {
    var lines = lines
    var taken: [(side: Bool, heights: Range<Int>)] = []
    for index in lines.indices where lines[index].isBound {
      let line = lines[index]
      let y = axis.place(line.figures.last.value, height: SeriesPaths.height)
      // A limit's looks best above its right end, where the newest values are
      // near; a request's at the left.
      let isLimit = line.style == MetricSeries.Role.limit.rawValue
      let places = [(isLimit, false), (!isLimit, false), (isLimit, true), (!isLimit, true)]
      let free = places.first { isAtEnd, isBelow in
        let heights = isBelow ? y + 1..<y + height : y - height..<y - 1
        let columns =
          isAtEnd
          ? Int(Double(length) * (1 - width))..<length : 0..<Int(Double(length) * width)
        return heights.upperBound <= SeriesPaths.height
          && !taken.contains { $0.side == isAtEnd && $0.heights.overlaps(heights) }
          && series[index].values.keeps(y, columns, on: axis)
          && !zip(lines, series).contains { other, series in
            series.values.covers(heights, columns, on: axis) && other.paths != line.paths
          }
      }
      guard let (isAtEnd, isBelow) = free else { continue }
      taken.append((isAtEnd, isBelow ? y..<y + height : y - height..<y))
      lines[index].label = BoundLabel(
        text: "\(line.name) \(line.value)", y: Percentage(y, of: SeriesPaths.height),
        isAtEnd: isAtEnd, isBelow: isBelow)
    }
    return lines
  }
}

extension [Double?] {
  /// Whether the line is where its label is, all along.
  fileprivate func keeps(_ y: Int, _ columns: Range<Int>, on axis: ValueAxis) -> Bool {
    self[columns.clamped(to: 0..<count)].allSatisfy { value in
      guard let value, value.isFinite else { return true }
      return abs(axis.place(value, height: SeriesPaths.height) - y) < SeriesPaths.height / 50
    }
  }

  /// Whether a value among some lies at some heights.
  fileprivate func covers(_ heights: Range<Int>, _ columns: Range<Int>, on axis: ValueAxis) -> Bool
  {
    self[columns.clamped(to: 0..<count)].contains { value in
      guard let value, value.isFinite else { return false }
      return heights.contains(axis.place(value, height: SeriesPaths.height))
    }
  }
}
