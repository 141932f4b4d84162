import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What may answer instead of Prometheus, and what then is said.
@Suite(.timeLimit(.minutes(5)))
struct PrometheusClientTests {
  private static let expression = PromQL.value(
    SeriesScope(namespace: "shop", labels: PrometheusLabels()).series(.restarts))
  private static let grid = PrometheusClient.Grid(start: 1_000, step: 10, count: 3)

  private static func matrix(_ results: String) -> TestAnswer {
    TestAnswer(
      200,
      .text(#"{"status":"success","data":{"resultType":"matrix","result":[\#(results)]}}"#))
  }

  /// What a question fails with at a server.
  private static func failure(
    _ answer: TestAnswer, within timeout: Duration = .seconds(10)
  ) async throws -> PrometheusFailure? {
    try await withAnsweringServer({ _ in answer }) { url in
      do throws(PrometheusFailure) {
        _ = try await PrometheusClient(PrometheusSettings(address: url))
          .query(expression, over: grid, within: timeout)
        return nil
      } catch {
        return error
      }
    }
  }

  @Test func `values come to their steps, and what is missing or no number is nil`() async throws {
    let answer = Self.matrix(
      #"{"metric":{"pod":"a"},"values":[[1000,"1"],[1020,"+Inf"]]},"#
        + #"{"metric":{},"values":[[1010.0,"NaN"],[1020,"2.5e3"],[1030,"7"]]}"#)

    try await withAnsweringServer({ _ in answer }) { url in
      let series = try await PrometheusClient(PrometheusSettings(address: url + "/"))
        .query(Self.expression, over: Self.grid, within: .seconds(10))

      #expect(series.map(\.values) == [[1, nil, nil], [nil, nil, 2_500]])
      #expect(series.map { $0.label("pod") } == ["a", ""])
    }
  }

  @Test func `a question is a form below the address' path, with a time limit`() async throws {
    try await withAnsweringServer { call in
      #expect(call.path == "/tenant/a/api/v1/query_range")
      #expect(call.form["query"] == Self.expression.description)
      #expect(call.form["start"] == "1000" && call.form["end"] == "1020")
      #expect(call.form["step"] == "10")
      #expect(call.form["timeout"] == "10000ms")
      return Self.matrix("")
    } _: { url in
      let series = try await PrometheusClient(PrometheusSettings(address: "\(url)/tenant/a/"))
        .query(Self.expression, over: Self.grid, within: .seconds(10))
      #expect(series.isEmpty)
    }
  }

  @Test func `a token is read anew for each question, a password as well`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "secret")

    try await withAnsweringServer { call in
      let isKnown = ["Bearer second", "Basic YW5uOnNlY29uZA=="].contains(call.authorization)
      return isKnown ? Self.matrix("") : TestAnswer(401, .text("Unauthorized"), type: "text/plain")
    } _: { url in
      for credentials in [
        PrometheusSettings.Credentials.tokenFile(file.path()),
        .basic(username: "ann", passwordFile: file.path()),
      ] {
        let client = PrometheusClient(
          PrometheusSettings(address: url, credentials: credentials))
        try Data("first\n".utf8).write(to: file)
        await #expect(throws: PrometheusFailure.unauthorized(status: 401)) {
          try await client.query(Self.expression, over: Self.grid, within: .seconds(10))
        }
        try Data("second\n".utf8).write(to: file)
        _ = try await client.query(Self.expression, over: Self.grid, within: .seconds(10))
        try FileManager.default.removeItem(at: file)
        await #expect(throws: PrometheusFailure.credentials(file: file.path())) {
          try await client.query(Self.expression, over: Self.grid, within: .seconds(10))
        }
      }
    }
  }

  @Test func `nobody there, and somebody who never says anything more`() async throws {
    await #expect(throws: PrometheusFailure.unreachable(.refused)) {
      // Nothing listens on port 1.
      try await PrometheusClient(PrometheusSettings(address: "http://127.0.0.1:1"))
        .query(Self.expression, over: Self.grid, within: .seconds(10))
    }
    let start = ContinuousClock.now
    #expect(
      try await Self.failure(TestAnswer(200, .silence), within: .milliseconds(300)) == .timedOut)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func `a hundred megabytes and a hundred thousand series are not read`() async throws {
    let text = String(repeating: "x", count: 1 << 16)
    let long = TestAnswer(200, .repeated(text, times: 1_600))
    guard case .tooLarge? = try await Self.failure(long) else {
      Issue.record("100 MiB were taken")
      return
    }
    var announced = TestAnswer(200, .text("{}"))
    announced.headers["Content-Length"] = "104857600"
    announced.body = .silence
    let start = ContinuousClock.now
    guard case .tooLarge? = try await Self.failure(announced) else {
      Issue.record("an announced 100 MiB were waited for")
      return
    }
    #expect(ContinuousClock.now - start < .seconds(5))
    let many = (0..<1_001).map { #"{"metric":{"pod":"\#($0)"},"values":[[1000,"1"]]}"# }
    #expect(
      try await Self.failure(Self.matrix(many.joined(separator: ",")))
        == .tooLarge("it has 1001 series"))
  }

  @Test(arguments: [
    (200, "<html><body>Sign in</body></html>", "it answers with a page, not with JSON"),
    (200, #"{"status":"success","data":{"resu"#, "its JSON breaks off or has mistakes"),
    (200, "", "its answer is no JSON"), (200, "pong", "its answer is no JSON"),
    (404, "404 page not found", "it answers with status 404"),
    (302, "", "it redirects, as a page for signing in does"),
    (200, #"{"status":"fine"}"#, "it answers with a “status” that Prometheus doesn't have"),
    (
      200, #"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
      "its answer has no matrix"
    ),
    (
      200,
      #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,2]]}]}}"#,
      "its answer has a value that is no number"
    ),
  ])
  func `what isn't Prometheus is told apart`(
    status: Int, body: String, reason: String
  ) async throws {
    let answer = TestAnswer(status, .text(body), headers: ["Location": "/login"])
    #expect(try await Self.failure(answer) == .notPrometheus(reason))
  }

  @Test(arguments: [
    (
      400, #"{"status":"error","errorType":"bad_data","error":"parse error: no"}"#,
      PrometheusFailure.refused(type: "bad_data", message: "parse error: no")
    ),
    (
      422, #"{"status":"error","errorType":"execution","error":"too many samples"}"#,
      .refused(type: "execution", message: "too many samples")
    ),
    (503, #"{"status":"error","errorType":"timeout","error":"query timed out"}"#, .timedOut),
    (503, #"{"status":"error","errorType":"unavailable","error":"x"}"#, .unavailable(status: 503)),
    (503, "Service Unavailable", .unavailable(status: 503)),
    (502, "<html>Bad Gateway</html>", .unavailable(status: 502)),
    (401, "", .unauthorized(status: 401)), (403, "<html>", .unauthorized(status: 403)),
  ])
  func `refusals keep Prometheus' own words`(
    status: Int, body: String, failure: PrometheusFailure
  ) async throws {
    #expect(try await Self.failure(TestAnswer(status, .text(body))) == failure)
    #expect(failure.text.hasSuffix("."))
  }
}
