/// What an expression comes to at each time of a grid.
struct PromQLEvaluation {
  /// Labels without the metric's name, and a value for each time.
  typealias Lines = [[String: String]: [Double?]]

  /// Finds the series of a metric.
  let series: (PromQLSelector) async throws -> [SimulatedSeries]
  let times: [Double]

  func lines(_ expression: PromQLExpression) async throws -> Lines {
    switch expression {
    case .number(let value): return [[:]: times.map { _ in value }]
    case .selector(let selector):
      return try await lines(selector) { series, time in series.instant(at: time) }
    case .windowed(let function, let selector, let seconds):
      return try await lines(selector) { $0.windowed(function, seconds: seconds, at: $1) }
    case .highest(let inner, let seconds, let step):
      return try await highest(inner, seconds: seconds, step: step)
    case .quantile(let share, let inner): return quantile(share, try await lines(inner))
    case .labelReplace(let inner, let label, _, let source, let pattern):
      return try replaced(try await lines(inner), label, source, pattern)
    case .aggregate(let aggregation, let labels, let inner):
      return aggregated(try await lines(inner), aggregation, labels)
    case .top(let count, let inner): return top(count, try await lines(inner))
    case .binary(let sign, let left, let right):
      return combined(try await lines(left), sign, try await lines(right))
    }
  }

  /// As Prometheus does it: computed at the multiples of the step, whatever the
  /// times are that it is asked for.
  private func highest(
    _ expression: PromQLExpression, seconds: Double, step: Double
  ) async throws -> Lines {
    guard let first = times.min(), let last = times.max() else { return [:] }
    let start = ((first - seconds) / step).rounded(.down) + 1
    let end = (last / step).rounded(.down)
    guard end >= start else { return [:] }
    guard end - start < 50_000 else { throw PromQLMistake(message: "too many steps") }
    let inner = PromQLEvaluation(
      series: series, times: (0...Int(end - start)).map { (start + Double($0)) * step })
    return try await inner.lines(expression).mapValues { values in
      times.map { time in
        let from = Int(((time - seconds) / step).rounded(.down) + 1 - start)
        let to = Int((time / step).rounded(.down) - start)
        return from <= to ? values[from...to].compactMap(\.self).max() : nil
      }
    }
  }

  private func lines(
    _ selector: PromQLSelector, _ value: (SimulatedSeries, Double) -> Double?
  ) async throws -> Lines {
    var lines: Lines = [:]
    let matchers = try selector.matchers.map(matching)
    for series in try await series(selector) where matchers.allSatisfy({ $0(series.labels) }) {
      let values = times.map { value(series, $0) }
      if values.contains(where: { $0 != nil }) { lines[series.labels] = values }
    }
    return lines
  }

  /// A label that isn't there is empty.
  private func matching(
    _ matcher: PromQLSelector.Matcher
  ) throws(PromQLMistake) -> ([String: String]) -> Bool {
    let label = matcher.label
    switch matcher.comparison {
    case .equal: return { $0[label] ?? "" == matcher.value }
    case .notEqual: return { $0[label] ?? "" != matcher.value }
    case .matches:
      let pattern = try regex(matcher.value)
      return { (try? pattern.wholeMatch(in: $0[label] ?? "")) ?? nil != nil }
    }
  }

  private func regex(_ text: String) throws(PromQLMistake) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(text)
    } catch {
      throw PromQLMistake(message: "error parsing regexp: “\(text)”")
    }
  }

  /// The first group of the pattern becomes the label; that is all that charts
  /// ask of `label_replace`.
  private func replaced(
    _ lines: Lines, _ label: String, _ source: String, _ text: String
  ) throws -> Lines {
    let pattern = try regex(text)
    var result: Lines = [:]
    for (labels, values) in lines {
      var labels = labels
      if let match = (try? pattern.wholeMatch(in: labels[source] ?? "")) ?? nil, match.count > 1 {
        labels[label] = match[1].substring.map(String.init) ?? ""
      }
      result[labels] = values
    }
    return result
  }

  private func aggregated(
    _ lines: Lines, _ aggregation: PromQLExpression.Aggregation, _ kept: [String]
  ) -> Lines {
    var result: Lines = [:]
    for (labels, values) in lines {
      let group = labels.filter { kept.contains($0.key) }
      var sums = result[group] ?? times.map { _ in nil }
      for (step, value) in values.enumerated() {
        guard let value else { continue }
        switch aggregation {
        case .sum: sums[step] = (sums[step] ?? 0) + value
        case .max: sums[step] = max(sums[step] ?? -.infinity, value)
        case .count: sums[step] = (sums[step] ?? 0) + 1
        }
      }
      result[group] = sums
    }
    return result
  }

  private func top(_ count: Int, _ lines: Lines) -> Lines {
    var result = lines.mapValues { $0.map { _ in Double?.none } }
    for step in times.indices {
      let here = lines.compactMap { labels, values in values[step].map { (labels, $0) } }
      for (labels, value) in here.sorted(by: { $0.1 > $1.1 }).prefix(count) {
        result[labels]?[step] = value
      }
    }
    return result.filter { $0.value.contains { $0 != nil } }
  }

  private func combined(
    _ left: Lines, _ sign: PromQLExpression.Operator, _ right: Lines
  ) -> Lines {
    switch sign {
    case .or:
      return left.merging(right) { zip($0, $1).map { $0 ?? $1 } }
    case .divide, .multiply:
      var result: Lines = [:]
      for (labels, values) in left {
        guard let others = right[labels] ?? (right.count == 1 ? right[[:]] : nil) else { continue }
        result[labels] = zip(values, others).map { value, other in
          guard let value, let other else { return nil }
          return sign == .divide ? value / other : value * other
        }
      }
      return result
    }
  }

  /// As Prometheus does it: straight within the bucket that the rank falls into.
  private func quantile(_ share: Double, _ buckets: Lines) -> Lines {
    var groups: [[String: String]: [(bound: Double, values: [Double?])]] = [:]
    for (labels, values) in buckets {
      guard let text = labels["le"], let bound = Double(text) else { continue }
      groups[labels.filter { $0.key != "le" }, default: []].append((bound, values))
    }
    return groups.mapValues { group in
      let sorted = group.sorted { $0.bound < $1.bound }
      return times.indices.map { step in
        quantile(share, sorted.compactMap { part in part.values[step].map { (part.bound, $0) } })
      }
    }
  }

  private func quantile(_ share: Double, _ counts: [(bound: Double, count: Double)]) -> Double? {
    guard let all = counts.last, all.bound == .infinity, all.count > 0 else { return nil }
    let rank = share * all.count
    var (below, start) = (0.0, 0.0)
    for (bound, count) in counts {
      if count >= rank {
        guard bound.isFinite else { return start }
        return count > below ? start + (bound - start) * (rank - below) / (count - below) : bound
      }
      (below, start) = (count, bound)
    }
    return start
  }
}
