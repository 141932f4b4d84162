public import struct Foundation.Date

/// A project: a name, the Kubernetes namespace of the same name, and its quota
/// (docs/design.md §1).
public struct Project: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<Project>

  /// How far the project's namespace is.
  public enum State: String, Sendable, CaseIterable {
    /// The row is there; the namespace and its guards are being made.
    case creating
    /// The namespace is there and is ours.
    case ready
    /// Its creation failed; what was made is being removed.
    case removing
  }

  public let id: ID
  /// A DNS label, unique; also the namespace's name.
  public let name: String
  public let quota: ProjectQuota
  public let podSecurity: PodSecurityLevel
  public let state: State
  /// The UID of the namespace that BabyHelm made; nil while it isn't there.
  /// A namespace with another UID is somebody else's.
  public let namespaceUID: String?
  public let createdBy: User.ID
  public let createdAt: Date
  /// When it was deleted; nil while it is in use.
  public var deletedAt: Date?
  /// Whether everybody who is signed in may look at it.
  public var isDemo = false
  /// When it vanishes by itself; nil for a project that stays.
  public var expiresAt: Date?

  /// What the one table calls it. A deleted one is nobody's demo.
  public var kind: ProjectKind {
    if expiresAt != nil { return .trial }
    return isDemo && deletedAt == nil ? .demo : .ordinary
  }

  /// The same project with another quota.
  func with(_ quota: ProjectQuota) -> Project {
    Project(
      id: id, name: name, quota: quota, podSecurity: podSecurity, state: state,
      namespaceUID: namespaceUID, createdBy: createdBy, createdAt: createdAt,
      deletedAt: deletedAt, isDemo: isDemo, expiresAt: expiresAt)
  }
}

extension Project.State: SQLCodable {}

/// What pods of a project may do, by the Pod Security Standards of Kubernetes.
/// The level is enforced by the namespace's label.
public enum PodSecurityLevel: String, Sendable, CaseIterable {
  /// No privileges on the node, but root within the container, as most public
  /// images need it.
  case baseline
  /// Never root, and no capabilities.
  case restricted
}

extension PodSecurityLevel: SQLCodable {}

/// What all pods of a project together may ask for, as Kubernetes quantities.
public struct ProjectQuota: Sendable, Hashable {
  /// Sum of CPU requests, for example `4`.
  public let cpu: String
  /// Sum of memory requests, and of memory limits, for example `8Gi`.
  public let memory: String
  /// The number of pods, 1 to 1,000.
  public let pods: Int
  /// Sum of what volumes ask for, for example `50Gi`.
  public let storage: String
}

/// What a person typed to make a project.
public struct ProjectDraft: Sendable, Hashable {
  public var name = ""
  public var cpu: String
  public var memory: String
  public var pods: String
  public var storage: String
  /// One of ``PodSecurityLevel``.
  public var podSecurity = PodSecurityLevel.baseline.rawValue

  /// - Parameter quota: what the form begins with.
  public init(quota: ProjectQuota = .standard) {
    let typed = QuotaDraft(quota)
    (cpu, memory, pods, storage) = (typed.cpu, typed.memory, typed.pods, typed.storage)
  }
}

/// A project as one of the people in it sees it.
public struct ProjectMembership: Sendable, Hashable {
  public let project: Project
  /// The person's role in it; nil for an admin who isn't a member.
  public let role: ProjectRole?
  public let applicationCount: Int
  /// Whether the person sees it only because it is a demo: then without the
  /// people in it.
  public var isOutsider = false
  /// Whom a member who isn't an owner may ask, by name; at most three.
  public var owners: [String] = []

  /// What the person may do here, from the one table. A refusal names who can
  /// change that, if the person may know.
  public func decision(_ permission: Permission, for principal: Principal) -> AccessTable.Decision {
    let decision = AccessTable.decide(
      permission, of: principal, projectRole: role, in: project.kind)
    guard case .denied(let because) = decision, principal.role != .visitor,
      let advice = askingOwners
    else { return decision }
    return .denied(because: "\(because) \(advice)")
  }

  /// "Ask Ann or Bob, who own it."; nil when nobody is to be named.
  var askingOwners: String? {
    guard let last = owners.last else { return nil }
    let names =
      owners.count == 1 ? last : owners.dropLast().joined(separator: ", ") + " or " + last
    return "Ask \(names), who \(owners.count == 1 ? "owns" : "own") it."
  }

  /// The same as a person sees it.
  func seen(by principal: Principal) -> ProjectMembership {
    var seen = self
    seen.isOutsider = !decision(.readPeople, for: principal).isAllowed
    return seen
  }

  /// Throws for who only looks at a demo.
  ///
  /// - Throws: `forbidden`.
  func requireInsider() throws(DomainError) {
    guard isOutsider else { return }
    throw AccessTable.refusal(of: .readPeople)
  }
}

/// A project as admins see it.
public struct ProjectOverview: Sendable {
  public let project: Project
  /// By name; empty when nobody owns it any more.
  public let owners: [String]
  public let applicationCount: Int
}

/// One page of all projects.
public struct ProjectOverviewPage: Sendable {
  public let projects: [ProjectOverview]
  /// How many there are on all pages.
  public let total: Int
  /// From 1.
  public let page: Int
  public let pageSize: Int
}

/// One page of the project list.
public struct ProjectPageList: Sendable {
  public let projects: [ProjectMembership]
  /// When something was deployed into each last, or it was made.
  public var changedAt: [Project.ID: Date] = [:]
  /// How many there are on all pages.
  public let total: Int
  /// From 1.
  public let page: Int
  public let pageSize: Int
}
