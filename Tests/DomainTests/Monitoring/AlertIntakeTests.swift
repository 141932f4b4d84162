import Foundation
import TestSupport
import Testing

@testable import Domain

/// What comes in from Alertmanager, and what becomes of it.
struct AlertIntakeTests {
  private static let crash = [
    "alertname": "CrashLoop", "severity": "warning", "namespace": "shop", "application": "web",
  ]

  private static func post(
    _ labels: [String: String] = crash, _ status: String = "firing", at date: Date,
    fingerprint: String = "ab12", annotations: [String: String] = ["summary": "web keeps crashing"]
  ) throws -> [UInt8] {
    let time = date.formatted(.iso8601)
    return try AlertmanagerPost.bytes([
      AlertmanagerPost.alert(
        labels, status: status, startsAt: time,
        endsAt: status == "resolved" ? time : "0001-01-01T00:00:00Z", annotations: annotations,
        fingerprint: fingerprint)
    ])
  }

  @Test(arguments: TestDatabase.available)
  func `an alert is stored once, found by its application, handed on, and ends`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web"))
      let clock = TurnedClock(Date())
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink)

      try await alerts.receive(Self.post(at: clock.now))
      clock.turn(by: 60)
      try await alerts.receive(Self.post(at: clock.now.addingTimeInterval(-60)))

      let list = try await alerts.list(of: "shop", as: fixture.ann)
      let alert = try #require(list.alerts.first)
      #expect(list.alerts.count == 1)
      #expect(alert.projectID == project.id && alert.application == "web")
      #expect(alert.isFiring && alert.severity == .warning && alert.source == .alertmanager)
      #expect(abs(alert.heardAt.timeIntervalSince(clock.now)) < 1)
      #expect(sink.all == ["began CrashLoop"])
      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)
      #expect(try await alerts.firing(of: detail).alerts.map(\.id) == [alert.id])
      #expect(try await alerts.counts(in: [detail.membership]) == [project.id: 1])
      #expect(try await alerts.firingCounts() == [.warning: 1])

      clock.turn(by: 60)
      try await alerts.receive(Self.post(Self.crash, "resolved", at: clock.now))
      try await alerts.receive(Self.post(Self.crash, "resolved", at: clock.now))

      let over = try await alerts.list(of: "shop", as: fixture.ann)
      #expect(over.alerts.map(\.state) == [.resolved])
      #expect(sink.all == ["began CrashLoop", "ended CrashLoop"])
      #expect(try await alerts.firingCounts().isEmpty)
      let hidden = await refusal { _ = try await alerts.list(of: "shop", as: fixture.bob) }
      #expect(hidden?.reason == .notFound)
      let other = await refusal {
        _ = try await alerts.alert(alert.id, in: "shop", as: fixture.bob)
      }
      #expect(other?.reason == .notFound)
      let refused = await refusal { _ = try await alerts.all(as: fixture.ann) }
      #expect(refused?.reason == .forbidden)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the namespace decides whose an alert is, exactly, and the pod's name whose application`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web"))
      _ = try await fixture.deploy(DeployingFixture.draft("web-api"))
      let clock = TurnedClock(Date())
      let alerts = fixture.alerts(clock)
      let cases: [(labels: [String: String], project: String?, application: String?)] = [
        (["namespace": "shop", "pod": "web-api-5d4f8c7b9-x2x4z"], "shop", "web-api"),
        (["namespace": "shop", "pod": "web-5d4f8c7b9-x2x4z"], "shop", "web"),
        (["namespace": "shop", "pod": "web-postgres-0"], "shop", nil),
        (["namespace": "shop", "deployment": "web"], "shop", "web"),
        (["namespace": "shop", "application": "we"], "shop", nil),
        (["namespace": "Shop", "application": "web"], nil, nil),
        (["namespace": "shop ", "application": "web"], "shop", "web"),
        (["namespace": "kube-system", "pod": "coredns-5d4f8c7b9-x2x4z"], nil, nil),
        (["node": "node-1"], nil, nil),
      ]
      for (index, row) in cases.enumerated() {
        var labels = row.labels
        labels["alertname"] = "Case\(index)"
        try await alerts.receive(
          Self.post(labels, at: clock.now, fingerprint: "f\(index)", annotations: [:]))
      }

      let all = try await alerts.all(as: fixture.admin).alerts
      for (index, row) in cases.enumerated() {
        let alert = try #require(all.first { $0.name == "Case\(index)" })
        #expect(alert.project == row.project, "\(row.labels)")
        #expect(alert.application == row.application, "\(row.labels)")
      }
      let own = try await alerts.list(of: "shop", as: fixture.ann).alerts
      #expect(own.count == cases.count { $0.project != nil })
      let platform = try await alerts.all(AlertQuery(isOfPlatform: true), as: fixture.admin).alerts
      #expect(platform.count == cases.count { $0.project == nil })
    }
  }

  @Test(arguments: TestDatabase.available)
  func `hostile and endless labels are cut and cleaned, and a flood fills nothing`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let clock = TurnedClock(Date())
      let alerts = fixture.alerts(clock)
      var labels = [
        "alertname": "<script>\u{202e}\u{0007}x</script>\nnext", "namespace": "shop",
        "big": String(repeating: "ä", count: 500_000), "bad name\n": "x", "1st": "x",
      ]
      for index in 0..<200 { labels["label\(index)"] = "v" }
      try await alerts.receive(
        Self.post(
          labels, at: clock.now, fingerprint: "x",
          annotations: [
            "summary": "a\u{0}b\r\nc\u{2028}d", "runbook_url": "javascript:alert(1)",
            "description": String(repeating: "y", count: 300_000),
          ]))

      let stored = try #require(try await alerts.list(of: "shop", as: fixture.ann).alerts.first)
      #expect(stored.name == "<script>x</script> next")
      #expect(stored.summary == "ab cd")
      #expect(stored.runbook == nil)
      #expect(stored.labels.count == AlertLabels.most)
      #expect(stored.labels.values.allSatisfy { $0.unicodeScalars.count <= 300 })
      #expect(stored.description.count == 2_000)

      for batch in 0..<3 {
        let flood = (0..<AlertmanagerMessage.most + 5).map { index in
          AlertmanagerPost.alert(
            ["alertname": "Flood", "namespace": "shop", "n": "\(batch)-\(index)"],
            startsAt: clock.now.formatted(.iso8601), fingerprint: "\(batch)-\(index)")
        }
        try await alerts.receive(AlertmanagerPost.bytes(flood))
      }

      let counts = try await alerts.firingCounts()
      #expect(counts.values.reduce(0, +) == AlertIntake.Bounds.firing)
      let status = try await alerts.status(as: fixture.admin)
      #expect(status.leftOut == 3 * (AlertmanagerMessage.most + 5) - AlertIntake.Bounds.firing + 1)
      #expect(status.isHeard)
    }
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"version":"4"}"#, #"{"version":"3","alerts":[]}"#,
    #"{"version":"4","alerts":{}}"#, "\u{0}",
  ])
  func `what is no message of Alertmanager's is refused`(text: String) {
    #expect(throws: DomainError.self) { try AlertmanagerMessage(Array(text.utf8), at: Date()) }
  }

  @Test func `a message may be strange in every field and is read as far as it can be`() throws {
    let text = #"""
      {"version":"4","truncatedAlerts":-7,"alerts":[1,null,{},{"labels":{"a":1}},
       {"labels":{"alertname":"X","n":"v"},"annotations":[],"startsAt":"soon","endsAt":7},
       {"labels":{"alertname":"Watchdog"},"status":"firing"}]}
      """#
    let message = try AlertmanagerMessage(Array(text.utf8), at: Date())

    #expect(message.observations.map(\.name) == ["X"])
    #expect(message.leftOut == 0)
  }

  @Test(arguments: TestDatabase.available)
  func `what nobody tells of any more expires, and old ones go`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let clock = TurnedClock(Date())
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink)
      try await alerts.receive(Self.post(at: clock.now))

      clock.turn(by: AlertmanagerMessage.patience - 60)
      try await alerts.watch.turn()
      #expect(try await alerts.list(of: "shop", as: fixture.ann).alerts.map(\.state) == [.firing])
      clock.turn(by: 120)
      try await alerts.watch.turn()

      #expect(try await alerts.list(of: "shop", as: fixture.ann).alerts.map(\.state) == [.expired])
      #expect(sink.all == ["began CrashLoop", "ended CrashLoop"])
      clock.turn(by: 31 * 24 * 3600)
      try await alerts.watch.turn()
      #expect(try await alerts.list(of: "shop", as: fixture.ann).alerts.isEmpty)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a list is read page by page, each alert once`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let clock = TurnedClock(Date())
      let alerts = fixture.alerts(clock)
      let time = clock.now.formatted(.iso8601)
      // All began in the same second, so only the id keeps them apart.
      try await alerts.receive(
        AlertmanagerPost.bytes(
          (0..<25).map { index in
            AlertmanagerPost.alert(
              ["alertname": "Many", "namespace": "shop", "n": "\(index)"], startsAt: time,
              fingerprint: "m\(index)")
          }))

      var seen: [String] = []
      var cursor: AlertQuery.Cursor?
      repeat {
        let page = try await alerts.list(of: "shop", before: cursor, limit: 7, as: fixture.ann)
        seen += page.alerts.map(\.id.rawValue)
        cursor = page.alerts.last.map { AlertQuery.Cursor($0) }
          .flatMap { AlertQuery.Cursor($0.text) }
      } while cursor != nil

      #expect(seen.count == 25 && Set(seen).count == 25)
    }
  }

  @Test(arguments: [
    "\(Int64.min).a", "\(Int64.max).a", "\(Int64(1) << 52).a", "9223372036854775808.a", "1", ".a",
  ])
  func `a cursor that is no time of an alert is none`(text: String) {
    #expect(AlertQuery.Cursor(text) == nil)
  }

  @Test(arguments: TestDatabase.available)
  func `only the newest token admits, and none after it was revoked`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let clock = TurnedClock(Date())
      let alerts = fixture.alerts(clock, AlertConfiguration(token: "the token of a file"))
      #expect(try await alerts.admits(token: "the token of a file"))
      #expect(try await !alerts.admits(token: ""))

      let first = try await alerts.makeToken(as: fixture.admin)
      #expect(try await alerts.admits(token: first))
      let second = try await alerts.makeToken(as: fixture.admin)
      #expect(try await !alerts.admits(token: first))
      #expect(try await alerts.admits(token: second))
      #expect(try await !alerts.admits(token: second.uppercased()))
      let kept = try await fixture.database.read { try $0.first("SELECT * FROM alert_intake") }
      #expect("\(try #require(kept).values)".contains(second) == false)
      try await alerts.revokeToken(as: fixture.admin)
      #expect(try await !alerts.admits(token: second))
      #expect(try await alerts.admits(token: "the token of a file"))
      for call in [alerts.makeToken(as:)] {
        #expect(await refusal { _ = try await call(fixture.ann) }?.reason == .forbidden)
      }
      #expect(await refusal { try await alerts.revokeToken(as: fixture.ann) }?.reason == .forbidden)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who tries tokens is kept out, and the real Alertmanager isn't`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let alerts = fixture.alerts(TurnedClock(Date()), AlertConfiguration(token: "right"))
      // A minute may end meanwhile, and its count begins anew.
      var refused: [DomainError] = []
      for _ in 0...(3 * HookRate.failures) {
        do throws(DomainError) {
          let isIn = try await alerts.admits(token: "wrong", from: "192.0.2.1")
          #expect(!isIn)
        } catch { refused.append(error) }
      }
      #expect(refused.count >= HookRate.failures)
      #expect(refused.allSatisfy { $0.reason == .tooManyRequests && $0.retryAfter != nil })
      let isNobodyIn = try await alerts.admits(token: nil, from: "192.0.2.2")
      let isRightIn = try await alerts.admits(token: "right", from: "192.0.2.2")
      #expect(!isNobodyIn && isRightIn)

      var tooMany: DomainError?
      for _ in 0...(2 * HookRate.messages) where tooMany == nil {
        tooMany = await refusal { try await alerts.admits(token: "right", from: "192.0.2.2") }
      }
      #expect(tooMany?.reason == .tooManyRequests)
      #expect(tooMany?.message.contains("\(HookRate.messages)") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the release that came before is named with what it changed`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web", image: "nginx:1.27"))
      #expect(try await fixture.ended(1).state == .succeeded)
      _ = try await fixture.deploy(
        DeployingFixture.draft("web", image: "nginx:1.28"), replacing: "web")
      let clock = TurnedClock(Date().addingTimeInterval(240))
      let alerts = fixture.alerts(clock)
      try await alerts.receive(Self.post(at: clock.now))
      let release = try #require(
        try await alerts.list(of: "shop", as: fixture.ann).alerts.first?.release)

      #expect(release.number == 2 && release.previous == 1)
      #expect(release.change == "image 1.27 → 1.28")

      clock.turn(by: PrecedingRelease.window)
      try await alerts.receive(Self.post(at: clock.now, fingerprint: "late"))
      let late = try await alerts.list(of: "shop", as: fixture.ann).alerts
        .first { $0.fingerprint.hasSuffix("late") }
      #expect(late != nil && late?.release == nil)
    }
  }
}
