public import Foundation

/// The time that a report is about.
public enum UsageRange: String, Sendable, CaseIterable {
  case day = "24h"
  case week = "7d"
  case month = "30d"

  /// Its length in hours.
  public var hours: Int {
    switch self {
    case .day: 24
    case .week: 7 * 24
    case .month: 30 * 24
    }
  }
}

/// Whether real use is known.
public enum UsageMeasurement: Sendable, Hashable {
  /// Nobody looked yet.
  case pending
  /// The cluster told it last at this time.
  case measured(at: Date)
  /// The cluster has no metrics server.
  case absent
  /// The cluster didn't tell; the sentence says why.
  case failing(String)
}

/// What one application asked for and used over some time.
public struct ApplicationUsage: Sendable, Hashable {
  public let name: String
  /// Whether it is there no more, or hidden.
  public let isGone: Bool
  /// What its pods ask for right now, together.
  public let requestedNow: ResourceAmount
  /// How many pods ask for that.
  public let pods: Int
  /// What they use; nil when that isn't known.
  public let usedNow: ResourceAmount?
  /// For how long it was counted, in seconds.
  public let seconds: Int
  /// For how long its real use was measured, in seconds.
  public let measuredSeconds: Int
  public let reserved: Reservation
  /// On average while it was measured, all pods together; nil without.
  public let average: ResourceAmount?
  /// The most of all pods together; nil without.
  public let peak: ResourceAmount?
  /// What single pods didn't exceed in 95 of 100 looks, over the days (UTC)
  /// that the range touches; nil without.
  public let ninetyFifth: ResourceAmount?
  /// Nil without a price list.
  public let cost: Cost?
  public let hints: [UsageHint]
}

/// What a project asked for and used over some time.
public struct UsageReport: Sendable {
  public let project: ProjectMembership
  public let range: UsageRange
  /// By name.
  public let applications: [ApplicationUsage]
  public let prices: PriceList?
  public let measurement: UsageMeasurement
  /// When the first hour of the range was counted; nil when none was.
  public let countedSince: Date?

  /// All applications together.
  public var reserved: Reservation { applications.reduce(.zero) { $0 + $1.reserved } }
  /// The sum of the applications' costs; nil without a price list.
  public var cost: Cost? {
    prices.map { _ in applications.reduce(.zero) { $0 + ($1.cost ?? .zero) } }
  }
}

/// What one project asked for and used over some time, in an admin's list.
public struct ProjectUsageTotal: Sendable, Hashable {
  public let name: String
  /// Whether it is there no more.
  public let isGone: Bool
  public let reserved: Reservation
  /// Thousandths of a core, and KiB, times seconds; nil when nothing was measured.
  public let used: Reservation?
  /// Nil without a price list.
  public let cost: Cost?
}

/// All projects, the dearest first, or by name without a price list.
public struct PlatformUsage: Sendable {
  public let range: UsageRange
  public let projects: [ProjectUsageTotal]
  public let prices: PriceList?
  public let measurement: UsageMeasurement

  /// All projects together.
  public var reserved: Reservation { projects.reduce(.zero) { $0 + $1.reserved } }
  /// The sum of the projects' costs; nil without a price list.
  public var cost: Cost? {
    prices.map { _ in projects.reduce(.zero) { $0 + ($1.cost ?? .zero) } }
  }
}
