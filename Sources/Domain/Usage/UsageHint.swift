/// Advice about a request that is far from what the application needs.
public struct UsageHint: Sendable, Hashable {
  /// What the advice is about.
  public enum Resource: String, Sendable, CaseIterable {
    case cpu, memory
  }

  /// What is wrong with the request.
  public enum Fault: Sendable, Hashable {
    /// At least twice of what would do.
    case tooMuch
    /// One time in twenty a pod uses more than it asked for.
    case tooLittle
  }

  public let resource: Resource
  public let fault: Fault
  /// Of one pod: thousandths of a core, or KiB.
  public let requested: Int64
  /// What a pod used in 99 of 100 looks; at most 9 % above the truth, never below.
  public let used: Int64
  /// What would do: ``used`` and a fifth more, rounded up.
  public let enough: Int64
}

extension UsageHint {
  /// How long an application must have been measured within a week before
  /// anything is said, in seconds.
  static let leastMeasured = 24 * 3600

  /// The least that is ever advised, and the least difference worth a word.
  private static func bounds(_ resource: Resource) -> (floor: Int64, difference: Int64) {
    switch resource {
    case .cpu: (10, 50)
    case .memory: (32 * 1024, 64 * 1024)
    }
  }

  /// - Parameters:
  ///   - requested: by one pod; 0 when it asks for nothing.
  ///   - use: of single pods within the last week.
  ///   - measuredSeconds: for how long it was measured within that week.
  /// - Returns: nil when the request fits or too little is known.
  static func about(
    _ resource: Resource, requested: Int64, use: UseHistogram, measuredSeconds: Int
  ) -> UsageHint? {
    guard requested > 0, measuredSeconds >= leastMeasured, let p99 = use.quantile(0.99),
      let p95 = use.quantile(0.95)
    else { return nil }
    let bounds = bounds(resource)
    let enough = max(bounds.floor, roundedUp((p99 * 6 + 4) / 5, resource))
    let fault: Fault
    if p95 > requested {
      fault = .tooLittle
    } else if requested >= 2 * enough, requested - enough >= bounds.difference {
      fault = .tooMuch
    } else {
      return nil
    }
    return UsageHint(
      resource: resource, fault: fault, requested: requested, used: p99, enough: enough)
  }

  /// To a number that people would write themselves.
  private static func roundedUp(_ amount: Int64, _ resource: Resource) -> Int64 {
    let step: Int64 =
      switch resource {
      case .cpu: amount <= 100 ? 10 : amount <= 1000 ? 50 : 100
      case .memory:
        amount <= 256 * 1024 ? 16 * 1024 : amount <= 1024 * 1024 ? 64 * 1024 : 256 * 1024
      }
    return (amount + step - 1) / step * step
  }
}
