public import struct Foundation.Date

/// A person in a project, as the others in it see them.
public struct Member: Sendable, Hashable, Identifiable {
  public let id: User.ID
  public let name: String
  public let email: String
  public let role: ProjectRole
  public let since: Date
  /// Whether the person can't sign in at the moment.
  public let isSuspended: Bool
  /// Whether the person is a visitor, who changes nothing whatever their role.
  public let isVisitor: Bool
  /// Whether the cluster knows this role already.
  public let isOnCluster: Bool
}

/// The people of a project, owners first.
public struct MemberList: Sendable {
  public let membership: ProjectMembership
  public let members: [Member]
  /// Whether rights of somebody still have to change on the cluster, also of
  /// somebody who was removed.
  public let isUnsettled: Bool

  /// What the owners are called, to say whom to ask.
  public var ownerNames: [String] { members.filter { $0.role == .owner }.map(\.name) }

  /// Why a member has to stay an owner; nil when they needn't.
  public func mustStay(_ member: Member) -> String? {
    func mayManage(_ member: Member) -> Bool {
      member.role == .owner && !member.isSuspended && !member.isVisitor
    }
    guard mayManage(member), members.count(where: mayManage) == 1 else { return nil }
    return Self.lastOwner(member.name)
  }

  static func lastOwner(_ name: String) -> String {
    "\(name) is the last owner of this project and stays one."
  }
}

/// A role on the cluster, by the name of its ClusterRole.
enum ClusterRole: String, Sendable, CaseIterable {
  case view, edit
}

extension ClusterRole: SQLCodable {}

/// What is to be done about one person's rights on the cluster.
enum RightsStep: Sendable {
  case grant(MemberRow)
  case revoke(User.ID)
}

/// A person in a project, and what BabyHelm knows of their rights on the cluster.
struct MemberRow: Sendable {
  let id: User.ID
  let name: String
  let email: String
  let platformRole: PlatformRole
  let role: ProjectRole
  let since: Date
  let isSuspended: Bool
  /// What the cluster was told; nil for nothing, or when that isn't certain.
  let recorded: ClusterRole?
  /// Whether something was made or may have been.
  let isRecorded: Bool

  /// What the person may do on the cluster; nil for nothing. An owner isn't
  /// `admin` there: that could give access away without BabyHelm knowing.
  var wanted: ClusterRole? {
    if isSuspended { return nil }
    return platformRole == .visitor || role == .viewer ? .view : .edit
  }

  var isSettled: Bool { wanted == nil ? !isRecorded : wanted == recorded }

  var member: Member {
    Member(
      id: id, name: name, email: email, role: role, since: since, isSuspended: isSuspended,
      isVisitor: platformRole == .visitor, isOnCluster: isSettled)
  }
}
