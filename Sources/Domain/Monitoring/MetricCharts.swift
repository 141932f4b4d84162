internal import Foundation

/// Asks Prometheus what some queries want to know, side by side, and makes
/// charts of it. One that fails or is slow leaves the others whole.
struct MetricCharts: Sendable {
  let client: PrometheusClient
  let grid: PrometheusClient.Grid
  /// When the last answer may come.
  let deadline: ContinuousClock.Instant

  /// What is known when all have answered or the time is over.
  enum Answer: Sendable, Hashable {
    case charts([MetricChart], isWhole: Bool)
    /// Every question failed, and why.
    case unavailable(PrometheusFailure)
  }

  func answer(_ queries: [MetricQuery]) async -> Answer {
    let results = await withTaskGroup(of: (Int, Result<Drawing, PrometheusFailure>).self) { group in
      for (index, query) in queries.enumerated() {
        group.addTask { (index, await drawing(query)) }
      }
      var results: [(Int, Result<Drawing, PrometheusFailure>)] = []
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
    let failures = results.compactMap { if case .failure(let why) = $0 { why } else { nil } }
    if let first = failures.first, failures.count == results.count {
      return .unavailable(failures.first(where: \.isGeneral) ?? first)
    }
    let charts = zip(queries, results).map(chart)
    return .charts(charts, isWhole: failures.isEmpty && results.allSatisfy(\.isWhole))
  }

  private func chart(
    _ query: MetricQuery, _ result: Result<Drawing, PrometheusFailure>
  ) -> MetricChart {
    let content: MetricChart.Content
    switch result {
    case .success(let drawing):
      content = drawing.series.isEmpty ? .nothing(query.nothing) : .series(drawing.series)
    case .failure(let failure): content = .failed(failure.text)
    }
    let note = (try? result.get())?.note ?? ""
    return MetricChart(
      kind: query.kind, unit: query.unit,
      start: Date(timeIntervalSince1970: Double(grid.start)), step: grid.step, content: content,
      note: note)
  }

  /// A chart's lines.
  struct Drawing: Sendable {
    var series: [MetricSeries] = []
    var note = ""
    /// Whether all that belongs to it could be asked.
    var isWhole = true
  }

  private func drawing(_ query: MetricQuery) async -> Result<Drawing, PrometheusFailure> {
    var rest = await answers(to: query.sources.flatMap(\.lines))[...]
    var drawing = Drawing()
    for source in query.sources {
      let own = Array(rest.prefix(source.lines.count))
      rest = rest.dropFirst(source.lines.count)
      switch Self.isMeasured(source, own) {
      case .failure(let failure):
        // What another source told stays.
        guard drawing.series.isEmpty else { return .success(drawing) }
        return .failure(failure)
      case .success(false): continue
      case .success(true): break
      }
      let before = drawing.series.count
      let known = Set(drawing.series.map(\.name))
      for (line, answer) in zip(source.lines, own) {
        await draw(line, answer, treated: query.treatment, without: known, into: &drawing)
      }
      if drawing.series.count > before { drawing.add(note: source.note) }
      guard query.isMerged else { break }
    }
    return .success(drawing)
  }

  /// Whether a source has any value of what is measured.
  private static func isMeasured(
    _ source: MetricQuery.Source, _ answers: [Result<[PrometheusSeries], PrometheusFailure>]
  ) -> Result<Bool, PrometheusFailure> {
    var isMeasured = false
    for (line, answer) in zip(source.lines, answers) where line.role == .use {
      switch answer {
      case .failure(let failure): return .failure(failure)
      case .success(let series): isMeasured = isMeasured || series.contains(where: \.hasValue)
      }
    }
    return .success(isMeasured)
  }

  private func answers(
    to lines: [MetricQuery.Line]
  ) async -> [Result<[PrometheusSeries], PrometheusFailure>] {
    await withTaskGroup(
      of: (Int, Result<[PrometheusSeries], PrometheusFailure>).self
    ) { group in
      for (index, line) in lines.enumerated() {
        group.addTask { (index, await ask(line.expression)) }
      }
      var answers: [(Int, Result<[PrometheusSeries], PrometheusFailure>)] = []
      for await answer in group { answers.append(answer) }
      return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func ask(_ expression: PromQL) async -> Result<[PrometheusSeries], PrometheusFailure> {
    let left = deadline - ContinuousClock.now
    guard left > .zero else { return .failure(.timedOut) }
    do throws(PrometheusFailure) {
      return .success(try await client.query(expression, over: grid, within: left))
    } catch {
      return .failure(error)
    }
  }

  private func draw(
    _ line: MetricQuery.Line, _ answer: Result<[PrometheusSeries], PrometheusFailure>,
    treated treatment: MetricQuery.Treatment, without known: Set<String>,
    into drawing: inout Drawing
  ) async {
    guard case .success(let found) = answer else {
      drawing.isWhole = false
      drawing.add(note: "What else belongs here (\(line.role.rawValue)) couldn't be asked.")
      return
    }
    let series = MetricLines.treated(
      found.filter(\.hasValue).map { MetricLines.named($0, line) }
        .filter { !known.contains($0.name) }, treatment)
    let (shown, left) = MetricLines.highest(series, MetricQuery.shownLimit)
    drawing.series += shown
    guard left > 0 else { return }
    if known.isEmpty, let total = line.total, case .success(let sums) = await ask(total),
      let sum = sums.first
    {
      drawing.series.append(MetricLines.others(of: sum, without: shown))
    } else {
      if known.isEmpty, line.total != nil { drawing.isWhole = false }
      drawing.add(note: "The \(shown.count) highest of \(shown.count + left) are shown.")
    }
  }
}

extension MetricCharts.Drawing {
  mutating func add(note more: String) {
    note += note.isEmpty ? more : " \(more)"
  }
}

extension Result<MetricCharts.Drawing, PrometheusFailure> {
  fileprivate var isWhole: Bool { (try? get())?.isWhole ?? false }
}

extension PrometheusSeries {
  var hasValue: Bool { values.contains { $0 != nil } }
}
