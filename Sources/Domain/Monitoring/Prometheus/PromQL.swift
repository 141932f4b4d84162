/// An expression of PromQL, built of parts and never of text: whatever it is
/// made of, it reads only series of the namespace that a ``SeriesScope`` is
/// for. A name in it is always a quoted string, so no name can add a matcher,
/// end a string or widen a pattern.
struct PromQL: Sendable, Hashable, CustomStringConvertible {
  /// The expression, as Prometheus reads it.
  let description: String

  fileprivate init(_ text: String) {
    description = text
  }

  // MARK: Functions

  /// How much a counter grows in a second, averaged over a window.
  static func rate(_ selector: SeriesSelector, over seconds: Int) -> PromQL {
    PromQL("rate(\(selector.text)[\(seconds)s])")
  }

  /// The same for series that may be called in several ways.
  static func rate(_ selectors: [SeriesSelector], over seconds: Int) -> PromQL? {
    guard let first = selectors.first else { return nil }
    return selectors.dropFirst().reduce(rate(first, over: seconds)) {
      $0.or(rate($1, over: seconds))
    }
  }

  /// The highest value within a window.
  static func highest(_ selector: SeriesSelector, over seconds: Int) -> PromQL {
    PromQL("max_over_time(\(selector.text)[\(seconds)s])")
  }

  /// The highest value within a window of what is computed of several series: the
  /// highest sum, and not the sum of what each had at its highest. It is looked at
  /// each minute, in long windows sixty times.
  static func highest(_ expression: PromQL, over seconds: Int) -> PromQL {
    let resolution = Swift.max(60, seconds / 60)
    return PromQL("max_over_time((\(expression.description))[\(seconds)s:\(resolution)s])")
  }

  /// The value as it is.
  static func value(_ selector: SeriesSelector) -> PromQL { PromQL(selector.text) }

  /// A quantile of a histogram whose buckets have the label `le`.
  static func quantile(_ share: Double, of buckets: PromQL) -> PromQL {
    PromQL("histogram_quantile(\(share), \(buckets.description))")
  }

  /// The same series with one label more: the first group of a pattern that
  /// another label matches. Without a match the label isn't there.
  func labelled(_ label: LabelName, from other: LabelName, matching pattern: Pattern) -> PromQL {
    PromQL(
      "label_replace(\(description), \(PromQLString.quoted(label.description)), \"$1\", "
        + "\(PromQLString.quoted(other.description)), \(PromQLString.quoted(pattern.text)))")
  }

  // MARK: Aggregation

  func sum(by labels: [LabelName] = []) -> PromQL { aggregated("sum", by: labels) }

  func max(by labels: [LabelName] = []) -> PromQL { aggregated("max", by: labels) }

  /// The series with the highest values, at each time anew.
  func top(_ count: Int) -> PromQL { PromQL("topk(\(count), \(description))") }

  private func aggregated(_ name: String, by labels: [LabelName]) -> PromQL {
    let grouping =
      labels.isEmpty ? "" : " by (\(labels.map(\.description).joined(separator: ", "))) "
    return PromQL("\(name)\(grouping)(\(description))")
  }

  // MARK: Operators

  static func / (left: PromQL, right: PromQL) -> PromQL {
    PromQL("(\(left.description) / \(right.description))")
  }

  static func * (left: PromQL, right: Int) -> PromQL {
    PromQL("(\(left.description) * \(right))")
  }

  /// The left series, and those of the right that have other labels.
  func or(_ other: PromQL) -> PromQL {
    PromQL("(\(description) or \(other.description))")
  }

  // MARK: Of the whole installation

  /// How many series of a metric have the labels that BabyHelm asks for, in
  /// all namespaces: for the operator's check, never for people.
  static func presence(
    of metric: PrometheusMetric, in namespace: LabelName, _ labels: PrometheusLabels
  ) -> PromQL {
    let matchers = SeriesScope.required(labels) + [LabelMatcher(namespace, .isNot, "")]
    return PromQL("count(\(metric.rawValue){\(matchers.map(\.text).joined(separator: ","))})")
  }

  /// How many series of a metric there are at all.
  static func presence(of metric: PrometheusMetric) -> PromQL {
    PromQL("count(\(metric.rawValue))")
  }
}

/// Which series: those of one metric in one namespace. Only a ``SeriesScope``
/// makes one, and it always puts the namespace first.
struct SeriesSelector: Sendable, Hashable {
  fileprivate let text: String
}

/// What all queries about one project share.
struct SeriesScope: Sendable, Hashable {
  /// The namespace, which is the project's name.
  let namespace: String
  let labels: PrometheusLabels

  /// The series of a metric that all matchers fit.
  func series(_ metric: PrometheusMetric, _ matchers: [LabelMatcher] = []) -> SeriesSelector {
    selector(metric, in: labels.name(.namespace, of: metric.source), matchers)
  }

  /// The same, once for each label that may have the namespace. A later one
  /// counts only where the earlier ones aren't: with `exported_namespace` there,
  /// `namespace` is that of who was scraped.
  func alternatives(
    _ metric: PrometheusMetric, _ matchers: [LabelMatcher] = []
  ) -> [SeriesSelector] {
    let names = labels.namespaces(of: metric.source)
    return names.indices.map { index in
      selector(
        metric, in: names[index],
        names[..<index].map { LabelMatcher($0, .is, "") } + matchers)
    }
  }

  private func selector(
    _ metric: PrometheusMetric, in label: LabelName, _ matchers: [LabelMatcher]
  ) -> SeriesSelector {
    let all = [LabelMatcher(label, .is, namespace)] + Self.required(labels) + matchers
    return SeriesSelector(text: "\(metric.rawValue){\(all.map(\.text).joined(separator: ","))}")
  }

  /// What every series must have.
  static func required(_ labels: PrometheusLabels) -> [LabelMatcher] {
    labels.required.sorted { $0.key.description < $1.key.description }
      .map { LabelMatcher($0.key, .is, $0.value) }
  }
}

/// What a label's value must be.
struct LabelMatcher: Sendable, Hashable {
  enum Comparison: String, Sendable {
    case `is` = "="
    case isNot = "!="
  }

  /// As it stands in a selector.
  let text: String

  init(_ label: LabelName, _ comparison: Comparison, _ value: String) {
    text = "\(label)\(comparison.rawValue)\(PromQLString.quoted(value))"
  }

  /// The whole value must fit: Prometheus anchors patterns at both ends.
  init(_ label: LabelName, fits pattern: Pattern) {
    text = "\(label)=~\(PromQLString.quoted(pattern.text))"
  }
}

/// A regular expression (RE2) of which names are always literal parts.
struct Pattern: Sendable, Hashable {
  fileprivate let text: String

  /// One of some values, exactly. None at all is a pattern that only the empty
  /// value fits.
  static func anyOf(_ values: [String]) -> Pattern {
    Pattern(text: values.map(PromQLString.escapedForPattern).joined(separator: "|"))
  }

  /// The pods of a Deployment: its name, the template's hash and a random end,
  /// neither of which can have a `-`. So the pods of `web` never include those
  /// of `web-api`. Names are cut at 58 bytes before the end is added, so a very
  /// long one leaves no room for the hash.
  static func pods(of deployment: String) -> Pattern {
    let room = podNamePrefix - deployment.utf8.count - 1
    let name = PromQLString.escapedForPattern(
      String(decoding: deployment.utf8.prefix(58), as: UTF8.self))
    guard room > 0 else { return Pattern(text: "\(name)-?[a-z0-9]{5}") }
    guard room > 10 else { return Pattern(text: "\(name)-[a-z0-9]{1,\(room)}-?[a-z0-9]{5}") }
    return Pattern(text: "\(name)-[a-z0-9]{1,10}-[a-z0-9]{5}")
  }

  /// Any Deployment's pods; the first group is the Deployment.
  static let podOfDeployment = Pattern(text: "(.+)-[a-z0-9]{1,10}-[a-z0-9]{5}")

  /// An HTTP status that is the server's fault.
  static let serverError = Pattern(text: "5..")

  /// How much of a generated name is kept (Kubernetes' names.SimpleNameGenerator).
  private static let podNamePrefix = 58
}

/// Strings of PromQL, which are those of Go.
private enum PromQLString {
  /// In double quotes; backslash, quote and control characters are escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      // Prometheus takes the character itself for broken UTF-8.
      case "\u{FFFD}": result += "\\ufffd"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// With a backslash before whatever means something to RE2.
  static func escapedForPattern(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}
