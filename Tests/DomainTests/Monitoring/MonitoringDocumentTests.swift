import Foundation
import Testing

@testable import Domain

/// docs/monitoring.md tells the questions that are really asked.
struct MonitoringDocumentTests {
  private static let start = "<!-- questions -->\n"

  /// The end of the document, as it has to be.
  static var questions: String {
    let subjects: [(String, MetricsReport.Subject)] = [
      ("a project", .init(project: "shop")),
      ("an application", .init(project: "shop", application: "web")),
      ("a pod", .init(project: "shop", application: "web", pod: "web-7c9f6d4b8-x2k4q")),
    ]
    return subjects.map { title, subject in
      let queries = MetricQueries(
        subject: subject, range: .hour, labels: PrometheusLabels(), claims: ["web-data"])
      let charts = queries.all.map { query in
        let lines = query.sources.flatMap { source in
          source.lines.flatMap { line in
            [line.expression.description]
              + (line.total.map { ["\($0)   # for what isn't shown"] } ?? [])
          }
        }
        return "`\(query.kind.rawValue)`, in \(query.unit.rawValue)\n\n```\n"
          + lines.joined(separator: "\n") + "\n```\n"
      }
      return "\n### About \(title)\n\n" + charts.joined(separator: "\n")
    }.joined()
  }

  @Test func `the document has every question, word by word`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "docs/monitoring.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    let found = try #require(text.firstRange(of: Self.start))
    let wanted = String(text[..<found.upperBound]) + Self.questions
    if ProcessInfo.processInfo.environment["BABYHELM_TEST_WRITE_DOCUMENTS"] != nil {
      try Data(wanted.utf8).write(to: path)
    }

    #expect(
      text == wanted,
      "Run this test with BABYHELM_TEST_WRITE_DOCUMENTS=1 to write the questions anew.")
  }
}
