internal import Foundation

/// Asks Prometheus every alert rule once.
struct RuleEvaluation: Sendable {
  /// The most series of one rule that are alerted of.
  static let mostSeries = 200
  /// The most that one evaluation asks for what is usual.
  static let mostUsual = 20
  /// For how long one evaluation may ask, in seconds.
  static let longest: Double = 40

  let rules: [AlertRule]
  let prometheus: any RuleQueries

  struct Result: Sendable {
    /// What was seen.
    var sightings: [AlertSighting] = []
    /// What went wrong, a sentence each, at most ten.
    var problems: [String] = []
    /// Whether every rule was asked: only then is what isn't seen over.
    var isWhole = true
  }

  func run() async -> Result {
    var result = Result()
    let start = ContinuousClock.now
    var asked = 0
    for rule in rules {
      if Task.isCancelled || ContinuousClock.now - start > .seconds(Self.longest) {
        result.isWhole = false
        add("Prometheus took too long; \(rules.count - asked) rules were left out.", to: &result)
        break
      }
      asked += 1
      do throws(DomainError) {
        let series = try await prometheus.vector(rule.expression)
        if series.count > Self.mostSeries {
          add(
            "\(rule.name) is about \(series.count) things; \(Self.mostSeries) count.", to: &result)
        }
        for sample in series.prefix(Self.mostSeries) {
          result.sightings.append(await sighting(of: rule, sample))
        }
      } catch {
        result.isWhole = false
        add("\(rule.name): \(error.message)", to: &result)
        // Whoever doesn't answer the first question won't answer the rest.
        if error.reason == .unavailable { break }
      }
    }
    return result
  }

  private func add(_ problem: String, to result: inout Result) {
    if result.problems.count < 10 { result.problems.append(AlertText.line(problem, 300)) }
  }

  private func sighting(of rule: AlertRule, _ sample: RuleSample) async -> AlertSighting {
    let template = AlertTemplate(labels: sample.labels, value: sample.value)
    var labels = sample.labels
    labels["__name__"] = nil
    for (name, text) in rule.labels { labels[name] = template.render(text) }
    labels["alertname"] = rule.name
    var annotations = rule.annotations.compactMapValues(template.render)
    if let text = rule.annotations["usual"], annotations["usual"] == nil {
      annotations["usual"] = await usual(text, sample.labels)
    }
    return AlertSighting(
      labels: AlertLabels(labels), annotations: annotations, delay: rule.delay, keep: rule.keep)
  }

  /// The one annotation of ours that asks something: what is usual
  /// (docs/alerts.md). nil for any other text.
  private func usual(_ text: String, _ labels: [String: String]) async -> String? {
    let form =
      #/\{\{ with printf `([^`]*)` \$labels\.namespace \$labels\.application \| query \}\}\{\{ \. \| first \| value \| (\w+) \}\}\{\{ end \}\}(.{0,40})/#
    guard let match = text.wholeMatch(of: form),
      let namespace = labels["namespace"], let application = labels["application"],
      [namespace, application].allSatisfy({
        DNSLabel.mistake(in: $0, mustStartWithLetter: false) == nil
      })
    else { return nil }
    let parts = String(match.1).components(separatedBy: "%s")
    guard parts.count == 3,
      let found = try? await prometheus.vector(
        parts[0] + namespace + parts[1] + application + parts[2]),
      let first = found.first, let written = AlertTemplate.write(first.value, as: String(match.2))
    else { return nil }
    return written + match.3
  }
}
