internal import Foundation

/// Asks Prometheus every alert rule once.
struct RuleEvaluation: Sendable {
  /// The most series of one rule that are alerted of.
  static let mostSeries = 200
  /// The most that one evaluation asks for what is usual.
  static let mostUsual = 20

  let rules: [AlertRule]
  let prometheus: any RuleQueries
  /// For how long one evaluation may ask.
  var patience: Duration = .seconds(40)

  struct Result: Sendable {
    /// What was seen.
    var sightings: [AlertSighting] = []
    /// What went wrong, a sentence each, at most ten.
    var problems: [String] = []
    /// The names of the rules that gave no answer: of those, what isn't seen may
    /// go on all the same.
    var failed: Set<String> = []
  }

  /// What an evaluation may still ask beside its rules.
  private struct Room {
    let end: ContinuousClock.Instant
    var usual = RuleEvaluation.mostUsual

    var isOver: Bool { Task.isCancelled || ContinuousClock.now > end }
  }

  func run() async -> Result {
    var result = Result()
    var room = Room(end: ContinuousClock.now + patience)
    for (index, rule) in rules.enumerated() {
      let rest = rules[index...]
      if room.isOver {
        result.failed.formUnion(rest.map(\.name))
        add("Prometheus took too long; \(rest.count) rules were left out.", to: &result)
        break
      }
      do throws(DomainError) {
        let series = try await prometheus.vector(rule.expression)
        if series.count > Self.mostSeries {
          add(
            "\(rule.name) is about \(series.count) things; \(Self.mostSeries) count.", to: &result)
        }
        for sample in series.prefix(Self.mostSeries) {
          result.sightings.append(await sighting(of: rule, sample, &room))
        }
      } catch {
        result.failed.insert(rule.name)
        add("\(rule.name): \(error.message)", to: &result)
        // Whoever doesn't answer the first question won't answer the rest.
        if error.reason == .unavailable {
          result.failed.formUnion(rest.map(\.name))
          break
        }
      }
    }
    return result
  }

  private func add(_ problem: String, to result: inout Result) {
    if result.problems.count < 10 { result.problems.append(AlertText.line(problem, 300)) }
  }

  private func sighting(
    of rule: AlertRule, _ sample: RuleSample, _ room: inout Room
  ) async -> AlertSighting {
    let template = AlertTemplate(labels: sample.labels, value: sample.value)
    var labels = sample.labels
    labels["__name__"] = nil
    for (name, text) in rule.labels { labels[name] = template.render(text) }
    labels["alertname"] = rule.name
    var annotations = rule.annotations.compactMapValues(template.render)
    if let text = rule.annotations["usual"], annotations["usual"] == nil {
      annotations["usual"] = await usual(text, sample.labels, &room)
    }
    return AlertSighting(
      labels: AlertLabels(labels), annotations: annotations, delay: rule.delay, keep: rule.keep)
  }

  /// The one annotation of ours that asks something: what is usual
  /// (docs/alerts.md). nil for any other text, and when enough was asked.
  private func usual(
    _ text: String, _ labels: [String: String], _ room: inout Room
  ) async -> String? {
    let form =
      #/\{\{ with printf `([^`]*)` \$labels\.namespace \$labels\.application \| query \}\}\{\{ \. \| first \| value \| (\w+) \}\}\{\{ end \}\}(.{0,40})/#
    guard let match = text.wholeMatch(of: form),
      let namespace = labels["namespace"], let application = labels["application"],
      [namespace, application].allSatisfy({
        DNSLabel.mistake(in: $0, mustStartWithLetter: false) == nil
      })
    else { return nil }
    let parts = String(match.1).components(separatedBy: "%s")
    guard parts.count == 3, room.usual > 0, !room.isOver else { return nil }
    room.usual -= 1
    guard
      let found = try? await prometheus.vector(
        parts[0] + namespace + parts[1] + application + parts[2]),
      let first = found.first, let written = AlertTemplate.write(first.value, as: String(match.2))
    else { return nil }
    return written + match.3
  }
}
