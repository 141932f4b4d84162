internal import Foundation
internal import Kubernetes

/// What Alertmanager sends to a webhook: payload version 4
/// (prometheus.io/docs/alerting/latest/configuration, `webhook_config`).
struct AlertmanagerMessage: Sendable {
  /// The most alerts of one message that are read.
  static let most = 1_000
  /// How long an alert may go untold of, in seconds, when the message doesn't
  /// say when it ends: a little longer than Alertmanager's own `repeat_interval`
  /// of four hours.
  static let patience: Double = 5 * 3600
  /// The name of the alert that always fires, to tell that the whole way works.
  static let heartbeat = "Watchdog"

  /// What it tells, without heartbeats.
  let observations: [AlertObservation]
  /// How many alerts the message had that weren't read.
  let leftOut: Int

  /// - Parameter time: now.
  /// - Throws: `invalid` when it is no such message.
  init(_ bytes: some Collection<UInt8>, at time: Date) throws(DomainError) {
    let message: JSONValue
    do { message = try JSONValue(parsing: bytes) } catch {
      throw Self.mistake("This isn't JSON.")
    }
    guard message["version"]?.string == "4" else {
      throw Self.mistake("This isn't a message of Alertmanager's webhook, version 4.")
    }
    guard let alerts = message["alerts"]?.array else {
      throw Self.mistake("The message has no list of alerts.")
    }
    var observations: [AlertObservation] = []
    for alert in alerts.prefix(Self.most) {
      guard let observation = Self.observation(alert, at: time) else { continue }
      observations.append(observation)
    }
    self.observations = observations
    let cut = message["truncatedAlerts"]?.int ?? 0
    leftOut = max(0, alerts.count - Self.most) + min(max(0, cut), 1_000_000)
  }

  private static func observation(_ alert: JSONValue, at time: Date) -> AlertObservation? {
    let labels = AlertLabels(texts(alert["labels"]))
    guard labels["alertname"] != heartbeat, !labels.all.isEmpty else { return nil }
    let start = date(alert["startsAt"]) ?? time
    let isFiring = alert["status"]?.string != "resolved"
    let end = date(alert["endsAt"])
    let expiry = end.map { max($0, time.addingTimeInterval(300)) }
    // Alertmanager's own is a hash in hexadecimal.
    let told = AlertText.line(alert["fingerprint"]?.string ?? "", 64)
    let fingerprint =
      told.isEmpty
      ? AlertObservation.fingerprint(.alertmanager, labels) : "alertmanager-\(told)"
    return AlertObservation(
      fingerprint: fingerprint, labels: labels, annotations: texts(alert["annotations"]),
      isFiring: isFiring, startedAt: start, endedAt: isFiring ? nil : min(end ?? time, time),
      expiresAt: isFiring
        ? expiry ?? time.addingTimeInterval(patience) : time.addingTimeInterval(patience))
  }

  private static func texts(_ value: JSONValue?) -> [String: String] {
    (value?.object ?? [:]).compactMapValues(\.string)
  }

  /// nil for what is no time, and for the year 1, which says that there is none.
  private static func date(_ value: JSONValue?) -> Date? {
    guard let text = value?.string, text.utf8.count <= 40, let date = Timestamp.date(text),
      date.timeIntervalSince1970 > 0
    else { return nil }
    return date
  }

  private static func mistake(_ sentence: String) -> DomainError {
    DomainError(
      .invalid, sentence,
      advice: "Send here with a webhook_config of Alertmanager 0.22 or newer.")
  }
}
