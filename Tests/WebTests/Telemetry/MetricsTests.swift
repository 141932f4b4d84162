import CoreMetrics
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

struct MetricsTests {
  @Test func `the table of the documentation and what is told are the same`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/metrics.md")
    let text = try String(contentsOf: root, encoding: .utf8)
    let rows = text.split(separator: "\n").compactMap { line -> String? in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 6, cells[1].hasPrefix("`") else { return nil }
      return [cells[1], cells[2], cells[3]].joined(separator: " ").replacing("`", with: "")
    }
    let families = MetricFamily.all.map {
      "\($0.name) \($0.kind.name) \($0.labels.joined(separator: ", "))"
    }

    #expect(rows.sorted() == families.sorted())
    #expect(Set(families).count == families.count)
  }

  @Test func `requests are counted by the template of their route, never by a path`()
    async throws
  {
    try await withMetrics { client, token in
      _ = try await client.get("/healthz")
      _ = try await client.get("/healthz")
      _ = try await client.get("/projects/some-secret-name/apps/other")
      _ = try await client.get("/nothing/like/this-\(UUID())")
      _ = try await client.executeRequest(
        uri: "/healthz", method: try #require(HTTPRequest.Method("BREW")), headers: [:], body: nil)

      let text = try await client.scrape(token)

      let requests = "babyhelm_http_requests_total"
      #expect(text.contains("\(requests){route=\"/healthz\",method=\"GET\",status=\"2xx\"} 2\n"))
      #expect(
        text.contains(
          "\(requests){route=\"/projects/{project}/apps/{application}\",method=\"GET\",status=\"3xx\"} 1\n"
        ))
      #expect(text.contains("\(requests){route=\"none\",method=\"GET\",status=\"4xx\"} 1\n"))
      #expect(!text.contains("BREW") && !text.contains("some-secret-name"))
      #expect(!text.contains("nothing"))
      let seconds = "babyhelm_http_request_duration_seconds"
      let labels = "route=\"/healthz\",method=\"GET\",status=\"2xx\""
      #expect(text.contains("\(seconds)_bucket{\(labels),le=\"+Inf\"} 2\n"))
      #expect(text.contains("\(seconds)_count{\(labels)} 2\n"))
    }
  }

  @Test func `how far the clock is off is told, in whichever direction`() async throws {
    try await withMetrics(clockSkew: { -31.5 }) { client, token in
      let skew = try await client.scrape(token).value("babyhelm_clock_skew_seconds")
      #expect(skew == -31.5)
    }
  }

  @Test func `without a setting there are no metrics on the main port`() async throws {
    try await withSite { client, _ in
      let answer = try await client.get("/metrics")
      #expect(answer.status == .notFound)
      let local = try await client.executeRequest(
        uri: "/metrics", method: .get,
        headers: [.authorization: "Bearer anything-at-all-that-is-long"], body: nil)
      // The same as for any other address: a bearer token must be one of BabyHelm's own.
      #expect(local.status == .unauthorized || local.status == .notFound)
      #expect(!String(buffer: local.body).contains("babyhelm_"))
    }
  }

  @Test func `only the operator's token opens them, and the file is read anew`() async throws {
    try await withMetrics { client, token in
      for header in [nil, "Bearer wrong-wrong-wrong-wrong", "Basic \(token.text)", "Bearer "] {
        var headers = HTTPFields()
        headers[.authorization] = header
        let answer = try await client.executeRequest(
          uri: "/metrics", method: .get, headers: headers, body: nil)
        #expect(answer.status == .unauthorized)
        #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"metrics\"")
        #expect(!String(buffer: answer.body).contains("babyhelm_"))
      }
      #expect(try await client.scrape(token).contains("babyhelm_build_info{"))

      try "another-token-of-good-length\n".write(
        toFile: token.file, atomically: true, encoding: .utf8)

      let old = try await client.executeRequest(
        uri: "/metrics", method: .get, headers: [.authorization: "Bearer \(token.text)"], body: nil)
      #expect(old.status == .unauthorized)
      try FileManager.default.removeItem(atPath: token.file)
      let none = try await client.executeRequest(
        uri: "/metrics", method: .get,
        headers: [.authorization: "Bearer another-token-of-good-length"], body: nil)
      #expect(none.status == .unauthorized)
    }
  }

  @Test func `a scraper gets the format that it likes best`() async throws {
    try await withMetrics { client, token in
      let prometheus =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
      let open = try await client.executeRequest(
        uri: "/metrics", method: .get,
        headers: [.authorization: "Bearer \(token.text)", .accept: prometheus], body: nil)
      let text = String(buffer: open.body)
      #expect(
        open.headers[.contentType] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
      #expect(text.hasSuffix("\n# EOF\n"))
      #expect(text.contains("# TYPE babyhelm_http_requests counter\n"))
      #expect(text.contains("# TYPE babyhelm_http_request_duration_seconds histogram\n"))

      let plain = try await client.executeRequest(
        uri: "/metrics", method: .get,
        headers: [.authorization: "Bearer \(token.text)", .accept: "*/*"], body: nil)
      #expect(plain.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(!String(buffer: plain.body).contains("# EOF"))
    }
  }

  @Test func `pages, transactions, sessions and the process are told`() async throws {
    try await withMetrics { client, token in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      _ = try await browser.get("/projects")

      let text = try await client.scrape(token)

      #expect(text.value("babyhelm_page_render_duration_seconds_count") ?? 0 >= 1)
      let transactions = "babyhelm_database_transaction_duration_seconds_count"
      #expect(text.value("\(transactions){kind=\"read\"}") ?? 0 >= 1)
      #expect(text.value("\(transactions){kind=\"write\"}") ?? 0 >= 1)
      #expect(text.value("babyhelm_sessions") == 1)
      #expect(text.value("babyhelm_users{role=\"admin\"}") == 1)
      #expect(text.value("babyhelm_users{role=\"visitor\"}") == 0)
      #expect(text.value("babyhelm_database_connections_max") == 9)
      #expect(text.value("babyhelm_database_transactions_waiting") == 0)
      #expect(text.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
      #expect(text.value("process_open_fds") ?? 0 > 2)
      let start = text.value("process_start_time_seconds") ?? 0
      #expect(abs(Date().timeIntervalSince1970 - start) < 86_400)
      // Nothing of what people typed.
      #expect(!text.contains("ada@example.net"))
    }
  }

  @Test func `no value of a label can end its line`() {
    let text = MetricsText.labels([("route", "/a\"b\\c\nd")])
    #expect(text == "route=\"/a\\\"b\\\\c\\nd\"")
  }

  @Test func `what isn't declared is counted nowhere`() {
    let registry = MetricsRegistry()
    Counter(label: "other_total", dimensions: [], factory: registry).increment()
    Counter(
      label: "babyhelm_http_requests_total", dimensions: [("path", "/x")], factory: registry
    ).increment()

    let text = MetricsText.write(registry, [], as: .plain)

    #expect(!text.contains("other_total") && !text.contains("path="))
  }

  @Test func `a histogram's buckets add up, each bound within its bucket`() {
    let histogram = HistogramSeries([0.1, 1])
    for nanoseconds: Int64 in [1, 100_000_000, 100_000_001, 5_000_000_000] {
      histogram.recordNanoseconds(nanoseconds)
    }
    #expect(histogram.picture.counts == [2, 1, 1])
    #expect(abs(histogram.picture.seconds - 5.200000002) < 1e-9)
  }
}

/// A token in a file of its own.
private struct TokenFile: Sendable {
  let text = "a-token-for-\(UUID())"
  let file = FileManager.default.temporaryDirectory
    .appending(path: "metrics-\(UUID()).token").path
}

private func withMetrics(
  clockSkew: @escaping @Sendable () -> Double = { 0 },
  _ test: @escaping @Sendable (any TestClientProtocol, TokenFile) async throws -> Void
) async throws {
  let token = TokenFile()
  try "\(token.text)\n".write(toFile: token.file, atomically: true, encoding: .utf8)
  defer { try? FileManager.default.removeItem(atPath: token.file) }
  try await withSite(
    Site(metricsAccess: .token(file: token.file)), clockSkew: clockSkew
  ) { client, _ in
    try await test(client, token)
  }
}

extension TestClientProtocol {
  fileprivate func get(_ path: String) async throws -> TestResponse {
    try await executeRequest(uri: path, method: .get, headers: [:], body: nil)
  }

  fileprivate func scrape(_ token: TokenFile) async throws -> String {
    let answer = try await executeRequest(
      uri: "/metrics", method: .get, headers: [.authorization: "Bearer \(token.text)"], body: nil)
    #expect(answer.status == .ok)
    return String(buffer: answer.body)
  }
}

extension String {
  /// The value of one sample.
  fileprivate func value(_ sample: String) -> Double? {
    split(separator: "\n").first { $0.hasPrefix("\(sample) ") }
      .flatMap { Double($0.dropFirst(sample.count + 1)) }
  }
}
