public import struct Foundation.Date
internal import Kubernetes

/// What happened to the objects of one kind for one reason.
public struct EventGroup: Sendable, Hashable {
  /// One text of Kubernetes, word for word.
  public struct Message: Sendable, Hashable {
    /// The object it is about.
    public let object: String
    public let text: String
  }

  public let isWarning: Bool
  /// As in `Pod`.
  public let objectKind: String
  /// As in `FailedScheduling`.
  public let reason: String
  /// What the reason means; nil for one that BabyHelm doesn't know.
  public let explanation: String?
  public let count: Int
  public let first: Date?
  public let last: Date?
  /// The newest first, at most ``ApplicationEvents/messagesKept``.
  public let messages: [Message]
}

/// The events of an application.
public struct EventPage: Sendable {
  public let detail: ApplicationDetail
  /// The newest first.
  public let groups: [EventGroup]
  /// Whether the project had more events than were looked through.
  public let isCut: Bool
}

/// What Kubernetes tells about the objects of an application: Deployment,
/// ReplicaSets, pods, autoscaler, claims, Service and Ingress. Read when
/// somebody asks; a cluster keeps events for about an hour.
public struct ApplicationEvents: Sendable {
  /// The most events of a project that are looked through.
  static let looked = 2_000
  /// The most texts kept of each group.
  public static let messagesKept = 5
  private static let pageSize = 500

  private let client: KubernetesClient
  private let applications: Applications
  private let clusterState: ClusterState

  init(client: KubernetesClient, applications: Applications, clusterState: ClusterState) {
    self.client = client
    self.applications = applications
    self.clusterState = clusterState
  }

  /// The events, by kind of object and reason.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see, `unavailable` when the cluster doesn't answer.
  public func page(
    of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> EventPage {
    let detail = try await applications.application(
      named: application, in: project, as: principal)
    let (events, isCut) = try await events(in: project)
    let others = clusterState.read { $0.deployments.names(in: project) }
    let own = events.filter { Self.isAbout($0.involvedObject.name, application, others: others) }
    return EventPage(detail: detail, groups: Self.groups(own), isCut: isCut)
  }

  private func events(in project: String) async throws(DomainError) -> ([CoreV1.Event], Bool) {
    var events: [CoreV1.Event] = []
    var token: String?
    repeat {
      do throws(KubernetesError) {
        let page = try await client.list(
          CoreV1.Event.self, namespace: project,
          ListOptions(limit: Self.pageSize, continueToken: token))
        events += page.items
        token = page.continueToken
      } catch {
        throw ClusterFailure.domainError(error, doing: "reading the events of “\(project)”")
      }
    } while token != nil && events.count < Self.looked
    return (events, token != nil)
  }

  /// Whether a name is the application's or drawn from it; the pods of
  /// “web-api” have names that begin with “web-”, too.
  static func isAbout(_ name: String, _ application: String, others: Set<String>) -> Bool {
    func isOf(_ owner: String) -> Bool { name == owner || name.hasPrefix(owner + "-") }
    guard isOf(application) else { return false }
    return !others.contains { $0.hasPrefix(application + "-") && isOf($0) }
  }

  static func groups(_ events: [CoreV1.Event]) -> [EventGroup] {
    struct Key: Hashable {
      let kind: String
      let reason: String
      let isWarning: Bool
    }
    let sorted = Dictionary(grouping: events) { event in
      Key(
        kind: event.involvedObject.kind, reason: event.reason,
        isWarning: event.severity == "Warning")
    }
    return sorted.map { key, events in
      let newest = events.sorted { ($0.lastSeen ?? .distantPast) > ($1.lastSeen ?? .distantPast) }
      let begin = events.compactMap { $0.firstTimestamp ?? $0.eventTime ?? $0.lastSeen }.min()
      return EventGroup(
        isWarning: key.isWarning, objectKind: key.kind, reason: key.reason,
        explanation: EventExplanations.sentence(
          for: key.reason, kind: key.kind, message: newest.first?.message ?? ""),
        count: events.reduce(0) { $0 + $1.count }, first: begin, last: newest.first?.lastSeen,
        messages: newest.prefix(messagesKept).map { event in
          .init(
            object: event.involvedObject.name,
            text: LogText.cleaned(String(event.message.prefix(2_000))))
        })
    }.sorted { left, right in
      let (a, b) = (left.last ?? .distantPast, right.last ?? .distantPast)
      return a == b
        ? (left.objectKind, left.reason) < (right.objectKind, right.reason) : a > b
    }
  }
}
