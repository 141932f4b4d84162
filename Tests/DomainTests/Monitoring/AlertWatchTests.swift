import Foundation
import TestSupport
import Testing

@testable import Domain

/// What BabyHelm alerts of by itself.
struct AlertWatchTests {
  private static let rules = """
    groups:
      - name: test
        rules:
          - record: ignored
            expr: up
          - alert: Slow
            expr: slow > 1
            for: 2m
            labels:
              severity: critical
              team: '{{ $labels.team }}'
            annotations:
              summary: '{{ $labels.application }} takes {{ $value | humanizeDuration }}'
              description: '{{ range .Alerts }}no{{ end }}'
    """

  private static func turn(_ alerts: Alerts, _ clock: TurnedClock) async throws {
    try await alerts.watch.turn()
    clock.turn(by: 60)
  }

  @Test(arguments: TestDatabase.available)
  func `a program that crashes, and a deploy that fails, are alerted of without Prometheus`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web", image: "crash:1", replicas: 1))
      _ = try await fixture.deploy(DeployingFixture.draft("big", image: "oom:1", replicas: 1))
      _ = try await fixture.deploy(DeployingFixture.draft("good", replicas: 1))
      #expect(try await fixture.ended(1, of: "good").state == .succeeded)
      #expect(try await fixture.ended(1, of: "web").state == .failed)
      let clock = TurnedClock(Date())
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink)
      let state = fixture.domain.clusterState
      try await eventually("both crashed") {
        ["web", "big"].allSatisfy { name in
          state.status(of: name, in: "shop").pods.contains {
            if case .failing = $0.stage { $0.restarts >= 3 } else { false }
          }
        }
      }
      for _ in 0..<5 { try await Self.turn(alerts, clock) }

      let list = try await alerts.list(of: "shop", as: fixture.ann)
      let names = Set(list.alerts.map { "\($0.name) \($0.application ?? "")" })
      #expect(names.contains("ApplicationNotAvailable web"), "\(names)")
      #expect(names.contains("CrashLoop web"), "\(names)")
      #expect(names.contains("OutOfMemory big"), "\(names)")
      #expect(names.contains("DeployFailed web"), "\(names)")
      #expect(!names.contains { $0.hasSuffix("good") })
      #expect(list.alerts.allSatisfy { $0.source == .cluster && $0.release?.number == 1 })
      #expect(Set(sink.all).count == Set(list.alerts.map(\.name)).count)

      // It is mended: everything about it ends, once.
      _ = try await fixture.deploy(
        DeployingFixture.draft("web", replicas: 1), replacing: "web")
      #expect(try await fixture.ended(2, of: "web").state == .succeeded)
      for _ in 0..<8 { try await Self.turn(alerts, clock) }
      let after = try await alerts.list(of: "shop", as: fixture.ann).alerts
      #expect(after.filter { $0.application == "web" }.allSatisfy { $0.state == .resolved })
      #expect(after.contains { $0.application == "big" && $0.isFiring })
    }
  }

  @Test(arguments: TestDatabase.available)
  func `Alertmanager goes on with an alert that BabyHelm had, and keeps its silence`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web", image: "crash:1", replicas: 1))
      #expect(try await fixture.ended(1).state == .failed)
      let clock = TurnedClock(Date())
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink)
      try await Self.turn(alerts, clock)
      let first = try #require(
        try await alerts.list(of: "shop", as: fixture.ann).alerts.first {
          $0.name == "DeployFailed"
        })
      try await alerts.silence(first.id, in: "shop", AlertSilenceDraft(), as: fixture.ann)

      try await alerts.receive(
        AlertmanagerPost.bytes([
          AlertmanagerPost.alert(
            [
              "alertname": "DeployFailed", "namespace": "shop", "application": "web",
              "prometheus": "k8s",
            ], startsAt: clock.now.formatted(.iso8601))
        ]))
      for _ in 0..<3 { try await Self.turn(alerts, clock) }

      let list = try await alerts.list(of: "shop", as: fixture.ann)
      let same = list.alerts.filter { $0.name == "DeployFailed" }
      #expect(same.map(\.id) == [first.id])
      #expect(same.first?.source == .alertmanager)
      #expect(same.first.flatMap { list.silence(of: $0) } != nil)
      #expect(sink.all.count { $0 == "began DeployFailed" } == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `rules are asked one after another, their time is kept, and Alertmanager ends that`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web"))
      let clock = TurnedClock(Date())
      let sample = RuleSample(
        labels: ["__name__": "slow", "namespace": "shop", "application": "web", "team": "a"],
        value: 90)
      let prometheus = AnsweringPrometheus { _ in [sample] }
      let configuration = AlertConfiguration(rules: try AlertRules([("test.yml", Self.rules)]))
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink, configuration, prometheus: prometheus)

      try await Self.turn(alerts, clock)
      try await Self.turn(alerts, clock)
      #expect(try await alerts.list(of: "shop", as: fixture.ann).alerts.isEmpty, "it waits 2 min")
      try await Self.turn(alerts, clock)

      let alert = try #require(try await alerts.list(of: "shop", as: fixture.ann).alerts.first)
      #expect(alert.name == "Slow" && alert.severity == .critical && alert.source == .rules)
      #expect(alert.summary == "web takes 1m 30s" && alert.description.isEmpty)
      #expect(alert.labels["team"] == "a" && alert.labels["__name__"] == nil)
      #expect(Set(prometheus.questions) == ["slow > 1"])

      // Without an answer nothing is said to be over.
      prometheus.set { _ throws(DomainError) in
        throw DomainError(.unavailable, "Prometheus doesn't answer.")
      }
      try await Self.turn(alerts, clock)
      #expect(try await alerts.list(of: "shop", as: fixture.ann).alerts.first?.isFiring == true)
      #expect(
        try await alerts.status(as: fixture.admin).problems == ["Slow: Prometheus doesn't answer."])
      prometheus.set { _ in [] }
      try await Self.turn(alerts, clock)
      #expect(try await alerts.list(of: "shop", as: fixture.ann).alerts.first?.state == .resolved)
      #expect(sink.all == ["began Slow", "ended Slow"])
      #expect(try await alerts.status(as: fixture.admin).problems.isEmpty)

      // It isn't asked while Alertmanager sends.
      let count = prometheus.questions.count
      try await alerts.receive(AlertmanagerPost.bytes([]))
      try await Self.turn(alerts, clock)
      #expect(prometheus.questions.count == count)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a rule that always fails keeps no other alert from ending`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let clock = TurnedClock(Date())
      let rules = """
        groups:
          - name: test
            rules:
              - {alert: Broken, expr: broken}
              - {alert: Slow, expr: slow}
              - {alert: Large, expr: large, for: 2m}
        """
      let sample = RuleSample(labels: ["namespace": "shop"], value: 1)
      let prometheus = AnsweringPrometheus { _ in [sample] }
      let alerts = fixture.alerts(
        clock, AlertConfiguration(rules: try AlertRules([("test.yml", rules)])),
        prometheus: prometheus)
      func firing() async throws -> [String] {
        try await alerts.list(of: "shop", AlertQuery(isFiring: true), as: fixture.ann)
          .alerts.map(\.name).sorted()
      }
      func pending() async throws -> Int {
        try await fixture.database.read { try $0.query("SELECT * FROM alert_pending").count }
      }
      try await Self.turn(alerts, clock)
      #expect(try await firing() == ["Broken", "Slow"])

      prometheus.set { question throws(DomainError) in
        if question == "broken" { throw DomainError(.invalid, "It is broken.") }
        return []
      }
      try await Self.turn(alerts, clock)
      #expect(try await firing() == ["Broken"], "nobody knows about that one")
      #expect(try await pending() == 1)
      // What was seen of another rule in between counts from when it came back.
      prometheus.set { question throws(DomainError) in
        if question == "broken" { throw DomainError(.invalid, "It is broken.") }
        return question == "large" ? [sample] : []
      }
      try await Self.turn(alerts, clock)
      try await Self.turn(alerts, clock)
      #expect(try await firing() == ["Broken"])
      try await Self.turn(alerts, clock)
      #expect(try await firing() == ["Broken", "Large"])

      clock.turn(by: 2 * 3600)
      prometheus.set { question throws(DomainError) in
        if question == "broken" { throw DomainError(.invalid, "It is broken.") }
        return []
      }
      try await Self.turn(alerts, clock)
      #expect(try await firing().isEmpty)
      #expect(try await pending() == 0, "old ones are removed")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `of two replicas one evaluates at a time`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let clock = TurnedClock(Date())
      let prometheus = AnsweringPrometheus { _ in [] }
      let configuration = AlertConfiguration(rules: try AlertRules([("test.yml", Self.rules)]))
      let replicas = (0..<4).map { _ in
        fixture.alerts(clock, configuration, prometheus: prometheus)
      }

      for round in 1...3 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for replica in replicas { group.addTask { try await replica.watch.turn() } }
          try await group.waitForAll()
        }
        #expect(prometheus.questions.count == round)
        clock.turn(by: 60)
      }
      // The clock had run ahead and was put right: there is a turn at once.
      clock.turn(by: -24 * 3600)
      try await replicas[0].watch.turn()
      try await replicas[1].watch.turn()
      #expect(prometheus.questions.count == 4)
    }
  }
}
