import ArgumentParser
import Domain
import Foundation

/// Values that look like those of a real project, the same each time: for
/// measuring how long a page of charts takes, and for looking at it.
enum ChartSample: String, ExpressibleByArgument, CaseIterable {
  /// Twelve charts of three pods, with limits, gaps and releases.
  case usual
  /// An idle application that was just begun.
  case little
  /// Thirty pods with long names, values of all sizes, a release an hour.
  case much
  /// Charts that failed, that have nothing, and values that make no sense.
  case broken

  /// A time that gives the same page each time.
  private static let end = Date(timeIntervalSince1970: 1_764_165_600)
  private static let range = MetricRange.day

  var report: MetricsReport {
    MetricsReport(
      subject: .init(project: "shop"), range: Self.range, end: Self.end,
      state: .charts(charts))
  }

  private var charts: [MetricChart] {
    let units: [(MetricChart.Kind, MetricChart.Unit, Double)] = [
      (.cpu, .cores, 0.22), (.memory, .bytes, 180_000_000), (.throttling, .ratio, 0.04),
      (.restarts, .count, 2), (.replicas, .count, 3), (.networkReceived, .bytesPerSecond, 84_000),
      (.networkSent, .bytesPerSecond, 410_000), (.requests, .perSecond, 42),
      (.errors, .ratio, 0.012), (.latency, .seconds, 0.18), (.volumes, .bytes, 3_200_000_000),
      (.pods, .count, 6),
    ]
    return units.enumerated().map { index, each in
      chart(each.0, each.1, level: each.2, seed: UInt64(index + 1))
    }
  }

  private func chart(
    _ kind: MetricChart.Kind, _ unit: MetricChart.Unit, level: Double, seed: UInt64
  ) -> MetricChart {
    MetricChart(
      kind: kind, unit: unit, start: Self.end.addingTimeInterval(-Double(Self.range.seconds)),
      step: Self.range.step, content: content(kind, level: level, seed: seed), marks: marks)
  }

  private func content(
    _ kind: MetricChart.Kind, level: Double, seed: UInt64
  ) -> MetricChart.Content {
    switch (self, kind) {
    case (.broken, .cpu): .failed("Prometheus took longer than 2 seconds for it.")
    case (.broken, .memory): .series(Self.senseless)
    case (.broken, .requests), (.broken, .errors), (.broken, .latency), (.little, .requests),
      (.little, .errors), (.little, .latency):
      .nothing("The application has no metrics of HTTP requests.")
    case (.broken, _): .series([Self.wave("web", level, seed, every: 7)])
    case (.little, _):
      .series([
        MetricSeries(
          name: "", role: .use,
          values: Array(repeating: nil, count: 238)
            + (kind == .cpu ? [level, nil, level] : [0, 0, 0]))
      ])
    case (.much, _):
      .series(
        (0..<30).map {
          Self.wave(
            "a-web-shop-with-a-long-name-7d9c5b8f6d-<b>\($0)", level * exp2(Double($0) / 4), seed,
            every: 60)
        } + Self.bounds(kind, level * 200))
    case (.usual, _):
      .series(
        ["web", "worker", "db"].enumerated().map {
          Self.wave($1, level / Double($0 + 1), seed + UInt64($0), every: $0 == 1 ? 80 : 1000)
        } + Self.bounds(kind, level * 2))
    }
  }

  private static func bounds(_ kind: MetricChart.Kind, _ level: Double) -> [MetricSeries] {
    switch kind {
    case .cpu, .memory:
      [
        MetricSeries(name: "", role: .request, values: Array(repeating: level / 2, count: 241)),
        MetricSeries(name: "", role: .limit, values: Array(repeating: level, count: 241)),
      ]
    case .replicas:
      [MetricSeries(name: "", role: .wanted, values: Array(repeating: level / 2, count: 241))]
    default: []
    }
  }

  /// A day's wave with noise, from a linear congruential generator.
  private static func wave(
    _ name: String, _ level: Double, _ seed: UInt64, every gap: Int
  ) -> MetricSeries {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    let values = (0..<241).map { index -> Double? in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = Double(state >> 40) / Double(1 << 24)
      guard index % gap < gap - max(1, gap / 12) else { return nil }
      let value = level * (0.7 + 0.35 * sin(Double(index) / 38 + Double(seed)) + 0.25 * noise)
      return level >= 1 && level <= 1000 ? value.rounded() : value
    }
    return MetricSeries(name: name, role: .use, values: values)
  }

  private static let senseless = [
    MetricSeries(name: "", role: .use, values: [nil, 1, nil, .nan, .infinity, -5, 1e300, 3, nil]),
    MetricSeries(name: "\"><script>", role: .use, values: []),
  ]

  private var marks: [ReleaseMark] {
    let hours: [Double] =
      switch self {
      case .usual: [3, 11, 11.2, 20.5]
      case .little, .broken: [0.4]
      case .much: (1...23).map { Double($0) }
      }
    return hours.enumerated().map { index, hour in
      ReleaseMark(
        application: "web", number: index + 10,
        time: Self.end.addingTimeInterval((hour - 24) * 3600), isFailed: index % 3 == 1)
    }
  }
}
