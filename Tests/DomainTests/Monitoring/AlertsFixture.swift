import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

/// What was handed on, in order, read from the table of the test's own.
final class HeldNotices: AlertSink {
  private let held = Mutex<[String]>([])

  func take(_ notice: AlertNotice, in connection: any Connection) throws {
    // A transaction may run twice; these tests have nobody to race with.
    held.withLock { $0.append("\(notice.change.rawValue) \(notice.alert.name)") }
  }

  var all: [String] { held.withLock { $0 } }
}

/// Answers instant queries as a test wants.
final class AnsweringPrometheus: RuleQueries {
  typealias Answer = @Sendable (String) throws(DomainError) -> [RuleSample]
  private let answer: Mutex<Answer>
  private let asked = Mutex<[String]>([])

  init(_ answer: @escaping Answer) { self.answer = Mutex(answer) }

  func set(_ answer: @escaping Answer) { self.answer.withLock { $0 = answer } }

  var questions: [String] { asked.withLock { $0 } }

  func vector(_ expression: String) async throws(DomainError) -> [RuleSample] {
    asked.withLock { $0.append(expression) }
    let answer = answer.withLock { $0 }
    return try answer(expression)
  }
}

extension DeployingFixture {
  /// Alerts with a clock, a sink and a Prometheus of the test's own.
  func alerts(
    _ clock: TurnedClock, sink: HeldNotices? = nil,
    _ configuration: AlertConfiguration = AlertConfiguration(),
    prometheus: AnsweringPrometheus? = nil
  ) -> Alerts {
    Alerts(
      database: database, projects: domain.projects, applications: domain.applications,
      releases: domain.releases, clusterState: domain.clusterState, configuration: configuration,
      sink: sink, prometheus: prometheus, logger: quietLogger, now: { clock.now })
  }
}

/// A message as Alertmanager 0.25 sends it.
enum AlertmanagerPost {
  static func alert(
    _ labels: [String: String], status: String = "firing", startsAt: String,
    endsAt: String = "0001-01-01T00:00:00Z", annotations: [String: String] = [:],
    fingerprint: String = "ab12"
  ) -> [String: Any] {
    [
      "status": status, "labels": labels, "annotations": annotations, "startsAt": startsAt,
      "endsAt": endsAt, "generatorURL": "http://prometheus/graph", "fingerprint": fingerprint,
    ]
  }

  static func bytes(_ alerts: [[String: Any]], more: [String: Any] = [:]) throws -> [UInt8] {
    var message: [String: Any] = [
      "version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "babyhelm",
      "truncatedAlerts": 0, "groupLabels": [:], "commonLabels": [:], "commonAnnotations": [:],
      "externalURL": "http://alertmanager", "alerts": alerts,
    ]
    message.merge(more) { _, new in new }
    return Array(try JSONSerialization.data(withJSONObject: message))
  }
}
