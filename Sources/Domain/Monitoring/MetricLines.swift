/// Makes the lines of a chart out of series.
enum MetricLines {
  /// What isn't shown on its own.
  static let others = "others"

  static func named(_ series: PrometheusSeries, _ line: MetricQuery.Line) -> MetricSeries {
    let (name, isWord) =
      switch line.name {
      case .fixed(let name): (name, true)
      case .label(let label): (series.label(label), false)
      }
    // Something of the project that isn't an application's pod.
    let isUnnamed = name.isEmpty && line.name != .fixed("")
    return MetricSeries(
      name: isUnnamed ? "no application" : name, isWord: isWord || isUnnamed, role: line.role,
      values: series.values)
  }

  static func treated(
    _ series: [MetricSeries], _ treatment: MetricQuery.Treatment
  ) -> [MetricSeries] {
    switch treatment {
    case .none: return series
    case .withoutZeros: return series.filter { !$0.isZero }
    case .sinceStart:
      let counts = series.map { $0.with(increase(of: $0.values)) }
      let moved = counts.filter { !$0.isZero }
      guard moved.isEmpty, let first = counts.first else { return moved }
      let values = first.values.indices.map { step -> Double? in
        counts.contains { $0.values[step] != nil } ? 0 : nil
      }
      return [MetricSeries(name: "", role: first.role, values: values)]
    }
  }

  /// How much a counter has grown since its first value; one that fell began
  /// anew at zero.
  static func increase(of values: [Double?]) -> [Double?] {
    var before: Double?
    var total = 0.0
    return values.map { value in
      guard let value else { return nil }
      if let before { total += value >= before ? value - before : value }
      before = value
      return total
    }
  }

  /// The series with the largest areas, by name, and how many are left.
  static func highest(_ series: [MetricSeries], _ limit: Int) -> ([MetricSeries], left: Int) {
    let kept = series.sorted { ($0.area, $1.name) > ($1.area, $0.name) }.prefix(limit)
    return (kept.sorted { $0.name < $1.name }, series.count - kept.count)
  }

  /// What a sum has beside the lines that are shown.
  static func others(
    of sum: PrometheusSeries, without shown: [MetricSeries]
  ) -> MetricSeries {
    let values = sum.values.enumerated().map { step, total -> Double? in
      total.map { total in
        max(0, total - shown.reduce(0) { $0 + ($1.values[step] ?? 0) })
      }
    }
    return MetricSeries(name: others, isWord: true, role: .use, values: values)
  }
}

extension MetricSeries {
  fileprivate var area: Double { values.reduce(0) { $0 + ($1 ?? 0) } }

  fileprivate var isZero: Bool { values.allSatisfy { $0 == nil || $0 == 0 } }

  fileprivate func with(_ values: [Double?]) -> MetricSeries {
    MetricSeries(name: name, isWord: isWord, role: role, values: values)
  }
}
