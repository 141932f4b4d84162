/// A number that is read only when somebody asks for it.
struct MetricReading: Sendable {
  let name: String
  let labels: [(String, String)]
  let value: Double

  init(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }
}

/// Writes metrics as Prometheus reads them.
struct MetricsText {
  /// The two formats that there are.
  enum Format: Sendable {
    /// https://prometheus.io/docs/instrumenting/exposition_formats, 0.0.4.
    case plain
    /// https://prometheus.io/docs/specs/om/open_metrics_spec, 1.0.0.
    case openMetrics

    var contentType: String {
      switch self {
      case .plain: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    }
  }

  let format: Format
  private(set) var text = ""

  init(_ format: Format) {
    self.format = format
    text.reserveCapacity(64 * 1024)
  }

  /// All metrics that are declared: what the registry counted, and what was read
  /// for this answer.
  static func write(
    _ registry: MetricsRegistry, _ readings: [MetricReading], as format: Format
  ) -> String {
    var writer = MetricsText(format)
    let byName = Dictionary(grouping: readings, by: \.name)
    for family in MetricFamily.all {
      writer.begin(family)
      for (labels, series) in registry.series(of: family.name) {
        writer.add(series, labels, of: family)
      }
      for reading in byName[family.name] ?? [] {
        writer.add(family.name, labels(reading.labels), number(reading.value))
      }
    }
    if format == .openMetrics { writer.text += "# EOF\n" }
    return writer.text
  }

  private mutating func begin(_ family: MetricFamily) {
    var name = family.name
    // OpenMetrics names the family without what the sample ends with.
    if format == .openMetrics, family.kind == .counter, name.hasSuffix("_total") {
      name.removeLast("_total".count)
    }
    text += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n"
    text += "# TYPE \(name) \(family.kind.name)\n"
  }

  private mutating func add(
    _ series: MetricsRegistry.Series, _ labels: String, of family: MetricFamily
  ) {
    switch series {
    case .counter(let counter): add(family.name, labels, "\(counter.value)")
    case .gauge(let gauge): add(family.name, labels, Self.number(gauge.value))
    case .histogram(let histogram):
      let picture = histogram.picture
      var sum = 0
      let bounds = histogram.bounds.map(Self.bound) + ["+Inf"]
      for (bound, count) in zip(bounds, picture.counts) {
        sum += count
        add(
          "\(family.name)_bucket", labels + (labels.isEmpty ? "" : ",") + "le=\"\(bound)\"",
          "\(sum)")
      }
      add("\(family.name)_sum", labels, Self.number(picture.seconds))
      add("\(family.name)_count", labels, "\(picture.total)")
    }
  }

  private mutating func add(_ name: String, _ labels: String, _ value: String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  // MARK: Pieces

  /// `route="/",method="GET"`
  static func labels(_ labels: [(String, String)]) -> String {
    labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",")
  }

  /// A bound of a bucket, the same text in both formats, so that no series is
  /// there twice when a scraper changes its mind: `0.005`, `1.0`.
  static func bound(_ bound: Double) -> String { "\(bound)" }

  /// A whole number without a fraction, anything else as short as it can be.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
    return "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
