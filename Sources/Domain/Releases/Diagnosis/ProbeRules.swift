internal import Foundation

// Replicas that run and get no requests, because they fail their check (events
// `Unhealthy` of the kubelet).
extension DiagnosisRule {
  static let ofProbe: [DiagnosisRule] = [
    DiagnosisRule(
      "port-silent",
      { finding in
        "A replica runs, but nothing in it listens on "
          + (port(in: finding.text).map { "port \($0)" } ?? "its port") + " yet."
      },
      advice: { _ in
        "Check that the program listens on the port you named, on all addresses rather than on "
          + "127.0.0.1 alone."
      },
      field: { _ in .port }
    ) { $0.unhealthy("connection refused") },
    DiagnosisRule(
      "probe-timeout", "A replica runs, but doesn't answer its health check in time.",
      advice: "Give it more time to start or more CPU, or check something that it answers faster.",
      field: .startSeconds
    ) {
      $0.unhealthy(
        "deadline exceeded", "timeout", "timed out", "no route to host", "EOF", "connection reset")
    },
    DiagnosisRule(
      "probe-failing",
      { finding in
        if let code = statusCode(in: finding.text) {
          return "A replica runs, but answers its health check with HTTP \(code)."
        }
        return "A replica runs, but fails its health check."
      },
      advice: { finding in
        statusCode(in: finding.text) == nil
          ? "The message is what the check got. Change the check, or what it finds."
          : "Check a path that answers with a code from 200 to 399 once the program is ready."
      },
      field: { statusCode(in: $0.text) == nil ? .healthCheck : .healthPath }
    ) { $0.unhealthy("") },
  ]

  /// The port in `dial tcp 10.1.0.1:80: connect: connection refused`.
  private static func port(in text: String) -> Int? {
    guard let end = text.range(of: ": connect")?.lowerBound else { return nil }
    return Int(String(text[..<end].reversed().prefix { $0.isNumber }.reversed()))
  }

  private static func statusCode(in text: String) -> Int? {
    guard let start = text.range(of: "statuscode: ")?.upperBound else { return nil }
    return Int(text[start...].prefix { $0.isNumber })
  }
}

extension Examination {
  /// What the check of a replica that runs said last.
  fileprivate func unhealthy(_ words: String...) -> Finding? {
    first { pod in
      guard pod.stage == .running, let told = warning("Unhealthy", about: pod),
        words.contains(where: { $0.isEmpty || told.contains($0) })
      else { return nil }
      return told
    }
  }
}
