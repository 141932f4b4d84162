internal import Crypto
internal import Foundation

/// What somebody told of one alert at one time.
struct AlertObservation: Sendable, Hashable {
  var fingerprint: String
  var labels: AlertLabels
  var summary: String
  var description: String
  var runbook: String?
  /// What was measured, and what is usual.
  var seen: String?
  var usual: String?
  /// As its labels say, or who told of it.
  var name: String
  var severity: Alert.Severity
  var isFiring: Bool
  var startedAt: Date
  /// nil while it fires.
  var endedAt: Date?
  /// When it counts as over if nobody tells of it again.
  var expiresAt: Date

  /// - Parameters:
  ///   - labels: with `alertname` and `severity`.
  ///   - annotations: `summary`, `description` and `runbook_url` count.
  init(
    fingerprint: String, labels: AlertLabels, annotations: [String: String], isFiring: Bool,
    startedAt: Date, endedAt: Date?, expiresAt: Date
  ) {
    self.fingerprint = fingerprint
    self.labels = labels
    name = AlertText.line(labels["alertname"] ?? "", 100).nonEmpty ?? "Alert"
    severity = Alert.Severity(word: labels["severity"] ?? "")
    description = AlertText.paragraph(
      annotations["description"] ?? annotations["message"] ?? "", 2_000)
    summary =
      AlertText.line(annotations["summary"] ?? "", 300).nonEmpty
      ?? AlertText.line(description, 300).nonEmpty ?? name
    runbook = AlertText.address(annotations["runbook_url"] ?? annotations["runbook"] ?? "")
    seen = AlertText.line(annotations["seen"] ?? "", 60).nonEmpty
    usual = AlertText.line(annotations["usual"] ?? "", 60).nonEmpty
    self.isFiring = isFiring
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.expiresAt = expiresAt
  }

  /// What the fingerprints of one source's alerts of one name begin with, so that
  /// they are known by it.
  static func prefix(_ source: Alert.Source, name: String) -> String {
    let name = AlertText.line(name, AlertLabels.valueLength)
    let mark = SHA256.hash(data: Data(name.utf8)).hexadecimal.prefix(8)
    return "\(source.rawValue)-\(mark)-"
  }

  /// A fingerprint of labels that BabyHelm made itself.
  static func fingerprint(_ source: Alert.Source, _ labels: AlertLabels) -> String {
    var hash = SHA256()
    hash.update(data: Data(source.rawValue.utf8))
    for (name, value) in labels.all.sorted(by: { $0.key < $1.key }) {
      hash.update(data: Data("\u{1}\(name)\u{2}\(value)".utf8))
    }
    return prefix(source, name: labels["alertname"] ?? "") + hash.finalize().hexadecimal.prefix(24)
  }
}
