import Domain
import Foundation
import Templates
import Testing

@testable import Web

struct ChartViewTests {
  /// 12:00 UTC.
  private static let end = Date(timeIntervalSince1970: 1_764_158_400)
  private static let hostile = "\"><script>alert(1)</script>‮%00"

  private static func chart(
    _ kind: MetricChart.Kind, _ unit: MetricChart.Unit, _ content: MetricChart.Content,
    marks: [ReleaseMark] = []
  ) -> MetricChart {
    MetricChart(
      kind: kind, unit: unit, start: end.addingTimeInterval(-3600), step: 15, content: content,
      marks: marks)
  }

  private static func report(
    _ state: MetricsReport.State, application: String? = nil
  ) -> MetricsReport {
    MetricsReport(
      subject: .init(project: "shop", application: application), range: .hour, end: end,
      state: state)
  }

  private static func use(_ name: String, _ value: Double?...) -> MetricSeries {
    MetricSeries(
      name: name, role: .use,
      values: Array(repeating: value[0], count: 241 - value.count) + value)
  }

  private static func text(_ state: MetricsReport.State, isAdmin: Bool = false) -> String {
    let charts = ChartsView(report(state), isAdmin: isAdmin)
    return String(decoding: Template.Monitoring.charts(charts: charts).bytes, as: UTF8.self)
  }

  private static func drawing(
    _ series: [MetricSeries], _ unit: MetricChart.Unit = .cores, marks: [ReleaseMark] = []
  ) throws -> ChartDrawing {
    let view = ChartView(
      chart(.cpu, unit, .series(series), marks: marks), of: .init(project: "shop"), over: .hour)
    return try #require(view?.drawing)
  }

  @Test func `a name stays what it is in every language, and a word is translated`() throws {
    let russian = MessageCatalogue(
      language: .russian, texts: ["ready": "готово", "used": "занято", "limit": "лимит"])
    func names(_ series: [MetricSeries]) throws -> [String] {
      try MessageCatalogue.$current.withValue(russian) {
        let drawing = try Self.drawing(series)
        #expect(drawing.table.columns == drawing.lines.map(\.shown))
        return drawing.lines.map(\.shown)
      }
    }
    let limit = MetricSeries(
      name: "limit", isWord: true, role: .limit, values: Array(repeating: 0.3, count: 241))
    #expect(
      try names([Self.use("ready", 0.1), Self.use("used", 0.2), limit]) == [
        "ready", "used", "лимит",
      ])
    let word = MetricSeries(
      name: "ready", isWord: true, role: .use, values: Array(repeating: 0.3, count: 241))
    #expect(try names([word]) == ["готово"])
    #expect(try names([Self.use("", 0.1)]) == ["занято"])
  }

  @Test func `names of anything are shown as they are, and do nothing`() {
    let mark = ReleaseMark(
      application: Self.hostile, number: 1, time: Self.end.addingTimeInterval(-60), isFailed: true)
    let text = Self.text(
      .charts([
        Self.chart(
          .cpu, .cores, .series([Self.use(Self.hostile, 0.1), Self.use("b", 0.2)]), marks: [mark]),
        Self.chart(.memory, .bytes, .failed(Self.hostile)),
        Self.chart(.requests, .perSecond, .nothing(Self.hostile)),
      ]))

    #expect(text.contains("&lt;script&gt;"))
    #expect(!text.contains("<script"))
    #expect(text.contains("/apps/%22%3E%3Cscript%3E"))
  }

  @Test func `without a Prometheus an admin reads what to do, others whom to ask`() {
    let admin = Self.text(.notConfigured, isAdmin: true)
    let member = Self.text(.notConfigured)

    #expect(admin.contains("--prometheus-url"))
    #expect(!member.contains("--prometheus-url"))
    #expect(member.contains("Ask an admin"))
    let outage = Self.text(.unavailable("Prometheus took longer than 2 seconds."))
    #expect(outage.contains("Prometheus took longer than 2 seconds."))
    #expect([admin, member, outage].allSatisfy { !$0.contains("<svg class=\"chart") })
  }

  @Test func `a chart that failed leaves the others whole, and what isn't measured takes a line`() {
    let text = Self.text(
      .charts([
        Self.chart(.cpu, .cores, .failed("It took too long.")),
        Self.chart(.memory, .bytes, .series([Self.use("", 1_048_576)])),
        Self.chart(.errors, .seconds, .nothing("No such metrics.")),
        Self.chart(.latency, .seconds, .nothing("No such metrics.")),
        Self.chart(.volumes, .bytes, .nothing("No volumes.")),
      ]))

    #expect(text.contains("This chart is missing.") && text.contains("It took too long."))
    #expect(text.contains("Memory of shop over 1 hour"))
    // What is true of neighbours is said once.
    #expect(text.contains("<dt>HTTP errors<br>HTTP latency<br></dt><dd>No such metrics.</dd>"))
    #expect(text.contains("<dt>Volumes<br></dt><dd>No volumes.</dd>"))
    #expect(!text.contains("id=\"chart-latency\""))
    #expect(Self.text(.charts([])).contains("Nothing measured in this time"))
  }

  @Test func `a chart says newest, lowest and highest in words`() throws {
    let drawing = try Self.drawing([
      Self.use("", 0.2, 0.5, nil, nil, 0.1, 0.25),
      MetricSeries(name: "", role: .limit, values: Array(repeating: 1, count: 241)),
    ])

    #expect(drawing.title == "CPU of shop over 1 hour")
    #expect(
      drawing.description
        == "now 250 millicores, lowest 100 millicores at 11:59, highest 500 millicores at 11:59. Limit: 1 core. For a time nothing was measured."
    )
    #expect(drawing.lines.map(\.value) == ["250m", "1 core"])
    #expect(
      try Self.drawing([Self.use("", 0.2)]).description
        == "now 200 millicores, the same all the time.")
    let ended = try Self.drawing([Self.use("", 0.2, nil, nil, nil, nil)])
    #expect(ended.description.hasPrefix("last 200 millicores at 11:59"))
  }

  @Test func `a limit far above what is used is told and not drawn, and no label hides a value`()
    throws
  {
    let limit = MetricSeries(name: "", role: .limit, values: Array(repeating: 0.5, count: 241))
    let far = try Self.drawing([Self.use("", 0.01), limit])
    #expect(far.lines.count == 1)
    #expect(far.notes == ["limit 500m, above the chart"])
    #expect(far.ticks.map(\.text) == ["0", "2m", "4m", "6m", "8m", "10m"])

    let near = try Self.drawing([Self.use("", 0.2), limit])
    #expect(near.lines.last?.label?.text == "limit 500m")
    #expect(near.lines.last?.label?.isAtEnd == true)
    #expect(near.notes.isEmpty)

    // With values above and below all along there is no room for it.
    let close = MetricSeries(name: "", role: .limit, values: Array(repeating: 0.3, count: 241))
    let crowd = [Self.use("a", 0.5), Self.use("b", 0.32), Self.use("c", 0.28)]
    #expect(try Self.drawing(crowd + [close]).lines.last?.label == nil)
  }

  @Test func `of too many lines the highest are drawn, and it says how many are not`() throws {
    let many = (1...30).map { Self.use("pod-\($0)", Double($0)) }
    let drawing = try Self.drawing(many)

    #expect(drawing.lines.count == ChartLines.most)
    #expect(drawing.lines.allSatisfy { $0.figures.highest.value > 21 })
    #expect(Set(drawing.lines.map(\.style)).count == drawing.lines.count)
    #expect(Set(drawing.lines.map(\.shape)).count == drawing.lines.count)
    #expect(drawing.notes == ["21 more that stay lower"])
  }

  @Test
  func `releases are marked at their time, lead to their page, and failed ones look different`()
    throws
  {
    let marks = [(-7200.0, false), (-3600, false), (-1800, true), (-1790, false), (60, false)]
      .enumerated().map { index, mark in
        ReleaseMark(
          application: "web", number: index + 1, time: Self.end.addingTimeInterval(mark.0),
          isFailed: mark.1)
      }
    let drawing = try Self.drawing([Self.use("", 1)], marks: marks)

    // The one before the range and the one after it aren't in it.
    #expect(drawing.marks.lines.map(\.x.templateText) == ["0", "50", "50.27"])
    #expect(drawing.marks.lines.map(\.isFailed) == [false, true, false])
    #expect(
      drawing.marks.flags.map(\.link.text) == [
        "/projects/shop/apps/web/releases/2", "/projects/shop/apps/web/releases/4",
      ])
    #expect(
      drawing.marks.flags.last?.text
        == "Release #3 of web, 11:30 UTC, failed; Release #4 of web, 11:30 UTC")
    #expect(drawing.marks.flags.last?.isFailed == true)
  }

  @Test(arguments: MetricRange.allCases)
  func `the table has a dozen rows of round times`(range: MetricRange) throws {
    let count = range.seconds / range.step + 1
    let chart = MetricChart(
      kind: .memory, unit: .bytes, start: Self.end.addingTimeInterval(-Double(range.seconds)),
      step: range.step, content: .nothing(""))
    let values = (0..<count).map { $0 == 7 ? 4096.0 : $0 == count - 1 ? nil : 1024 }
    let table = ChartTable([(name: "web", values: values)], of: chart, range: range)

    #expect((10...16).contains(table.rows.count))
    #expect(Set(table.rows.map(\.time)).count == table.rows.count)
    #expect(table.rows.flatMap(\.cells).filter { $0 == "4 KiB" }.count == 1)
    #expect(table.rows.allSatisfy { $0.cells.count == 1 })
  }

  @Test func `an application's line in the overview has what its project's charts have`() throws {
    let charts = [
      Self.chart(.cpu, .cores, .series([Self.use("web", 0.1), Self.use("worker", 0.2)])),
      Self.chart(.memory, .bytes, .series([Self.use("web", 1024)])),
    ]
    let view = ChartsView(Self.report(.charts(charts)), isAdmin: false)

    #expect(view.overview.map(\.name) == ["web", "worker"])
    #expect(view.overview.map { $0.cpu?.value } == ["100m", "200m"])
    #expect(view.overview.map { $0.memory?.value } == ["1 KiB", nil])
    let own = ChartsView(Self.report(.charts(charts), application: "web"), isAdmin: false)
    #expect(own.overview.isEmpty)
  }

  @Test func `values that make no sense break no chart`() throws {
    let senseless: [Double?] = [nil, .nan, .infinity, -5, 1e300, 0, nil]
    for unit in AxisTests.units {
      let view = ChartView(
        Self.chart(
          .cpu, unit, .series([MetricSeries(name: "", role: .use, values: senseless)])),
        of: .init(project: "shop"), over: .month)
      let html = Template.Monitoring.chart(try #require(view))
      let text = String(decoding: html.bytes, as: UTF8.self)
      #expect(!text.contains("nan") && !text.contains("inf"))
    }
    let nothing = MetricSeries(name: "", role: .use, values: [nil, .nan])
    #expect(
      ChartView(
        Self.chart(.cpu, .cores, .series([nothing])), of: .init(project: "shop"), over: .hour)
        == nil)
  }
}
