internal import Crypto
internal import Foundation

/// What stays the same of an alert, whoever tells of it and however often it
/// begins again: its name and its application, or its labels where there is
/// none. Its fingerprint is another one for each source.
enum AlertSubject {
  /// What one source adds and another doesn't, or what stands elsewhere.
  private static let passing: Set<String> = [
    "__name__", "alertname", "namespace", "severity", "prometheus", "prometheus_replica",
  ]

  /// The labels that tell alerts of one name apart which are about no application.
  static func labels(_ labels: [String: String]) -> [String: String] {
    labels.filter { !passing.contains($0.key) }
  }

  /// A short text for what an alert is about, to compare notices by.
  static func text(of alert: Alert) -> String {
    var hash = SHA256()
    for part in [alert.project ?? alert.namespace, alert.name, alert.application ?? ""] {
      hash.update(data: Data("\u{0}\(part)".utf8))
    }
    if alert.application == nil {
      for (name, value) in labels(alert.labels).sorted(by: { $0.key < $1.key }) {
        hash.update(data: Data("\u{1}\(name)\u{2}\(value)".utf8))
      }
    }
    return "alert-" + hash.finalize().hexadecimal.prefix(32)
  }
}
