/// Asks Prometheus what holds right now.
public protocol RuleQueries: Sendable {
  /// The series of an instant query's vector, at most as many as the
  /// implementation takes.
  ///
  /// - Throws: `unavailable` or `invalid` with a sentence that admins read.
  func vector(_ expression: String) async throws(DomainError) -> [RuleSample]
}

/// One series of an instant query.
public struct RuleSample: Sendable, Hashable {
  public let labels: [String: String]
  public let value: Double

  public init(labels: [String: String], value: Double) {
    self.labels = labels
    self.value = value
  }
}
