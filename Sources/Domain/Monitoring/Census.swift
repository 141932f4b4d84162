internal import Foundation

/// How much there is of what the operator wants to watch: for BabyHelm's own
/// metrics, which nobody reads as a person.
public struct Census: Sendable {
  /// A number under a name.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let count: Int
  }

  /// What was counted, all at one moment.
  public struct Count: Sendable, Hashable {
    /// Sessions that could be gone on with.
    public var sessions = 0
    /// Accounts that aren't suspended, by platform role.
    public var users: [Entry] = []
    public var projects = 0
    public var applications = 0
    /// Deploys under way: `queued`, `applying`, `following`.
    public var operations: [Entry] = []
    /// Age of the oldest of them, in seconds; 0 without one.
    public var oldestOperation: Double = 0
    /// Alerts that fire, by severity.
    public var alerts: [Entry] = []
    /// Messages to webhooks and mails that are still to be sent.
    public var waitingDeliveries = 0
  }

  let accounts: Accounts
  let projects: Projects
  let applications: Applications
  let releases: Releases
  let alerts: Alerts
  let telling: NotificationServices

  /// - Throws: `unavailable` without the database.
  public func count() async throws(DomainError) -> Count {
    var count = Count()
    count.sessions = try await accounts.countSessions()
    count.users = try await accounts.countUsers().map { Entry(name: $0.0.rawValue, count: $0.1) }
    count.projects = try await projects.count()
    count.applications = try await applications.count()
    let operations = try await releases.operations()
    let names: [(Release.State, String)] = [
      (.queued, "queued"), (.applying, "applying"), (.rollingOut, "following"),
    ]
    count.operations = names.map { state, name in
      Entry(name: name, count: operations.counts[state] ?? 0)
    }
    count.oldestOperation = operations.oldest
    let firing = try await alerts.firingCounts()
    count.alerts = Alert.Severity.allCases.map {
      Entry(name: $0.rawValue, count: firing[$0] ?? 0)
    }
    count.waitingDeliveries = try await telling.countWaiting()
    return count
  }
}
