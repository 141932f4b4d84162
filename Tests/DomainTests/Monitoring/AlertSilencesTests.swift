import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

/// Who may silence what, and what that does.
struct AlertSilencesTests {
  private static func fire(
    _ alerts: Alerts, _ clock: TurnedClock, _ name: String = "CrashLoop",
    application: String? = "web", namespace: String = "shop", _ fingerprint: String = "a"
  ) async throws {
    var labels = ["alertname": name, "namespace": namespace, "pod": "web-5d4f8c7b9-x2x4z"]
    labels["application"] = application
    try await alerts.receive(
      AlertmanagerPost.bytes([
        AlertmanagerPost.alert(
          labels, startsAt: clock.now.formatted(.iso8601), fingerprint: fingerprint)
      ]))
  }

  @Test(arguments: TestDatabase.available)
  func `what is silenced is told to nobody until the silence ends, early or by itself`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web"))
      let clock = TurnedClock(Date())
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink)
      try await Self.fire(alerts, clock)
      let alert = try #require(try await alerts.list(of: "shop", as: fixture.ann).alerts.first)

      let silence = try await alerts.silence(
        alert.id, in: "shop",
        AlertSilenceDraft(scope: "application", duration: "8h", comment: " known\u{7} "),
        as: fixture.ann)
      try await Self.fire(alerts, clock, "OutOfMemory", "b")

      let list = try await alerts.list(of: "shop", as: fixture.ann)
      #expect(list.alerts.allSatisfy { list.silence(of: $0)?.id == silence.id })
      #expect(silence.comment == "known" && silence.createdBy == "Ann")
      #expect(silence.endsAt == clock.now.addingTimeInterval(8 * 3600))
      #expect(sink.all == ["began CrashLoop"])
      let membership = try #require(list.membership)
      #expect(try await alerts.counts(in: [membership]).isEmpty)

      try await alerts.endSilence(silence.id, in: "shop", as: fixture.ann)
      #expect(sink.all == ["began CrashLoop", "began OutOfMemory"])
      #expect(try await alerts.counts(in: [membership]) == [project.id: 2])
      let again = await refusal {
        try await alerts.endSilence(silence.id, in: "shop", as: fixture.ann)
      }
      #expect(again?.reason == .notFound)

      // This very alert, for an hour, which passes.
      try await alerts.silence(alert.id, in: "shop", AlertSilenceDraft(), as: fixture.ann)
      let one = try await alerts.list(of: "shop", as: fixture.ann)
      #expect(one.alerts.filter { one.silence(of: $0) != nil }.map(\.name) == ["CrashLoop"])
      clock.turn(by: 3601)
      #expect(try await alerts.counts(in: [membership]) == [project.id: 2])
      let actions = try await fixture.domain.audit.page(as: fixture.admin).map(\.action)
      #expect(
        actions.filter { $0.hasPrefix("alert.") }
          == ["alert.silence.create", "alert.silence.end", "alert.silence.create"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `many silenced alerts keep nobody else's from being told`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      for name in ["shop", "more", "other"] { try await fixture.makeProject(name) }
      let clock = TurnedClock(Date())
      let sink = HeldNotices()
      let alerts = fixture.alerts(clock, sink: sink)
      // One project can't have so many at once.
      for name in ["shop", "more"] {
        try await Self.fire(alerts, clock, "Flood", application: nil, namespace: name, name)
        let first = try #require(try await alerts.list(of: name, as: fixture.ann).alerts.first)
        try await alerts.silence(
          first.id, in: name, AlertSilenceDraft(scope: "name"), as: fixture.ann)
        try await alerts.receive(
          AlertmanagerPost.bytes(
            (0..<150).map { index in
              AlertmanagerPost.alert(
                ["alertname": "Flood", "namespace": name, "n": "\(index)"],
                startsAt: clock.now.formatted(.iso8601), fingerprint: "\(name)\(index)")
            }))
      }
      clock.turn(by: 60)
      for index in 0..<2 {
        try await Self.fire(
          alerts, clock, "Real\(index)", application: nil, namespace: "other", "r\(index)")
      }

      #expect(sink.all == ["began Flood", "began Flood", "began Real0", "began Real1"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who silences waits for Alertmanager to know of that one, and a turn tells the others`(
    kind: TestDatabase
  ) async throws {
    let asked = Mutex(0)
    let isUp = Mutex(false)
    try await withAnsweringServer { _ in
      asked.withLock { $0 += 1 }
      return isUp.withLock { $0 }
        ? TestAnswer(200, .text(#"{"silenceID": "s"}"#)) : TestAnswer(503, .text(""))
    } _: { url in
      try await withDeploying(kind, works: false) { fixture in
        try await fixture.makeProject()
        let clock = TurnedClock(Date())
        let alerts = fixture.alerts(
          clock, AlertConfiguration(alertmanager: URL(string: url)))
        for name in ["A", "B", "C"] {
          try await Self.fire(alerts, clock, name, application: nil, name)
        }
        let all = try await alerts.list(of: "shop", as: fixture.ann).alerts
        for alert in all.dropLast() {
          try await alerts.silence(alert.id, in: "shop", AlertSilenceDraft(), as: fixture.ann)
        }
        #expect(asked.withLock { $0 } == 2, "each once, although none is known there")
        isUp.withLock { $0 = true }
        clock.turn(by: 10)
        let last = try #require(all.last)
        try await alerts.silence(last.id, in: "shop", AlertSilenceDraft(), as: fixture.ann)
        #expect(asked.withLock { $0 } == 3)
        let before = try await alerts.list(of: "shop", as: fixture.ann).silences
        #expect(before.count { $0.outside == .there } == 1)

        clock.turn(by: 60)
        try await alerts.watch.turn()
        let after = try await alerts.list(of: "shop", as: fixture.ann).silences
        #expect(after.count == 3 && after.allSatisfy { $0.outside == .there })
        #expect(asked.withLock { $0 } == 5)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what is silenced doesn't expire, because Alertmanager doesn't tell of it`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let clock = TurnedClock(Date())
      let alerts = fixture.alerts(clock)
      try await Self.fire(alerts, clock, application: nil)
      let alert = try #require(try await alerts.list(of: "shop", as: fixture.ann).alerts.first)
      try await alerts.silence(
        alert.id, in: "shop", AlertSilenceDraft(duration: "24h"), as: fixture.ann)
      func state() async throws -> Alert.State? {
        try await alerts.list(of: "shop", as: fixture.ann).alerts.first?.state
      }

      for _ in 0..<24 {
        clock.turn(by: 3590)
        try await alerts.watch.turn()
      }
      #expect(try await state() == .firing)
      clock.turn(by: 300)
      try await alerts.watch.turn()
      #expect(try await state() == .firing, "Alertmanager has a moment to tell again")
      clock.turn(by: 600)
      try await alerts.watch.turn()
      #expect(try await state() == .expired)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a silence holds in no other project, and only editors make one`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      try await fixture.makeProject("other")
      let clock = TurnedClock(Date())
      let alerts = fixture.alerts(clock)
      try await Self.fire(alerts, clock, application: nil)
      try await Self.fire(alerts, clock, application: nil, namespace: "other", "b")
      let mine = try #require(try await alerts.list(of: "shop", as: fixture.ann).alerts.first)
      let theirs = try #require(try await alerts.list(of: "other", as: fixture.ann).alerts.first)

      let silence = try await alerts.silence(
        mine.id, in: "shop", AlertSilenceDraft(scope: "name"), as: fixture.ann)

      #expect(silence.matchers == ["namespace": "shop", "alertname": "CrashLoop"])
      let other = try await alerts.list(of: "other", as: fixture.ann)
      #expect(other.alerts.allSatisfy { other.silence(of: $0) == nil } && other.silences.isEmpty)
      let wrong = await refusal {
        try await alerts.silence(theirs.id, in: "shop", AlertSilenceDraft(), as: fixture.ann)
      }
      #expect(wrong?.reason == .notFound)
      let end = await refusal {
        try await alerts.endSilence(silence.id, in: "other", as: fixture.ann)
      }
      #expect(end?.reason == .notFound)
      let stranger = await refusal {
        try await alerts.silence(mine.id, in: "shop", AlertSilenceDraft(), as: fixture.bob)
      }
      #expect(stranger?.reason == .notFound)
      _ = try await fixture.projects.addMember(
        email: fixture.bob.email, role: .viewer, to: "shop", as: fixture.ann)
      let viewer = await refusal {
        try await alerts.silence(mine.id, in: "shop", AlertSilenceDraft(), as: fixture.bob)
      }
      #expect(viewer?.reason == .forbidden)
      #expect(viewer?.message.contains("silence") == true)
      let admins = await refusal {
        try await alerts.silence(mine.id, AlertSilenceDraft(), as: fixture.ann)
      }
      #expect(admins?.reason == .forbidden)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an alert that another source tells of stays the same one, silenced or not`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      _ = try await fixture.base.deploy(DeployingFixture.draft("web"))
      _ = try await fixture.webhook(receiver.url, events: [.alertBegan, .alertEnded])
      let base = fixture.base
      let intake = AlertIntake(
        projects: base.domain.projects, applications: base.domain.applications,
        releases: base.domain.releases, sink: AlertNotices(notices: Notices()))
      func turn(_ source: Alert.Source, _ labels: [String: String]?) async throws {
        fixture.clock.move(by: 60)
        let sightings = labels.map {
          [AlertSighting(labels: AlertLabels($0), annotations: [:], delay: 0, keep: 0)]
        }
        let time = fixture.clock.now
        try await base.database.write { connection in
          _ = try intake.take(sightings ?? [], seenBy: source, at: time, in: connection)
          try intake.tell(at: time, in: connection)
        }
        try await fixture.fanOut()
        try await fixture.deliver()
      }
      let seen = [
        "alertname": "CrashLoop", "severity": "warning", "namespace": "shop", "application": "web",
      ]
      let ruled = seen.merging(["pod": "web-5d4f8c7b9-x2x4z"]) { old, _ in old }

      try await turn(.cluster, seen)
      try await turn(.rules, ruled)
      try await turn(.rules, nil)
      try await turn(.cluster, seen)

      let kinds = receiver.hooks.map { $0.text.contains(#""type":"alert.began""#) }
      #expect(kinds == [true, false, true])

      let clock = fixture.clock
      let alerts = Alerts(
        database: base.database, projects: base.domain.projects,
        applications: base.domain.applications, releases: base.domain.releases,
        clusterState: base.domain.clusterState, configuration: AlertConfiguration(), sink: nil,
        prometheus: nil, logger: quietLogger, now: { clock.now })
      let alert = try #require(
        try await alerts.list(of: "shop", AlertQuery(isFiring: true), as: fixture.ann).alerts.first)
      try await alerts.silence(
        alert.id, in: "shop", AlertSilenceDraft(duration: "8h"), as: fixture.ann)
      try await turn(.rules, ruled)
      try await turn(.rules, nil)
      try await turn(.cluster, seen)
      let list = try await alerts.list(of: "shop", AlertQuery(isFiring: true), as: fixture.ann)
      #expect(list.alerts.count == 1 && list.alerts.allSatisfy { list.silence(of: $0) != nil })
      #expect(receiver.hooks.count == 3, "what is silenced is told to nobody")

      try await turn(.rules, ruled.merging(["severity": "critical"]) { _, new in new })
      let worse = try await alerts.list(of: "shop", AlertQuery(isFiring: true), as: fixture.ann)
      #expect(worse.alerts.allSatisfy { worse.silence(of: $0) == nil })
    }
  }

  @Test func `an alert about no application is told apart by what sources agree on`() {
    let mine = Self.sample(["node": "a", "severity": "warning"])
    let theirs = Self.sample(["node": "a", "prometheus": "k8s", "alertname": "CrashLoop"])
    let other = Self.sample(["node": "b"])

    #expect(AlertSubject.text(of: mine) == AlertSubject.text(of: theirs))
    #expect(AlertSubject.text(of: mine) != AlertSubject.text(of: other))
  }

  @Test(arguments: [
    (AlertSilenceDraft(scope: "all"), "scope"),
    (AlertSilenceDraft(scope: "application"), "scope"),
    (AlertSilenceDraft(duration: "2h"), "duration"),
    (AlertSilenceDraft(duration: "until"), "until"),
    (AlertSilenceDraft(duration: "until", until: "2027-01-15T08:00"), "until"),
    (AlertSilenceDraft(duration: "until", until: "2027-02-15T08:00"), "until"),
    (AlertSilenceDraft(comment: String(repeating: "x", count: 301)), "comment"),
  ])
  func `what can't be is told at its field`(draft: AlertSilenceDraft, field: String) {
    let alert = Self.sample()
    // 2027-01-15T08:00:00Z
    let time = Date(timeIntervalSince1970: 1_800_000_000)
    var mistakes: [String] = []
    do { _ = try draft.validated(about: alert, at: time) } catch {
      mistakes = error.fields.map(\.field)
    }
    #expect(mistakes == [field])
  }

  @Test func `until a time is understood as browsers and programs write it`() throws {
    let time = Date(timeIntervalSince1970: 1_800_000_000)
    for until in ["2027-01-16T08:00", "2027-01-16T08:00:00Z", "2027-01-16T10:00:00+02:00"] {
      let checked = try AlertSilenceDraft(duration: "until", until: until)
        .validated(about: Self.sample(), at: time)
      #expect(checked.endsAt == time.addingTimeInterval(24 * 3600), "\(until)")
    }
  }

  private static func sample(_ labels: [String: String] = [:]) -> Alert {
    Alert(
      id: .random(), fingerprint: "f", name: "CrashLoop", severity: .warning, source: .cluster,
      state: .firing, projectID: nil, project: nil, namespace: "", application: nil, summary: "",
      description: "", runbook: nil, seen: nil, usual: nil, labels: labels,
      startedAt: Date(timeIntervalSince1970: 0), endedAt: nil,
      heardAt: Date(timeIntervalSince1970: 0), release: nil)
  }
}
