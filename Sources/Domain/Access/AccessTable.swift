/// The one table of who may do what (docs/design.md §4). Pages, API and
/// command line ask it through the services, so they can't differ; buttons take
/// the reason for "you may not" from it too.
public enum AccessTable {
  /// The answer to "may this person do that?".
  public enum Decision: Sendable, Equatable {
    /// They may.
    case allowed
    /// Known to exist, but not permitted; the reason is a whole sentence.
    case denied(because: String)
    /// The person may not know that the thing exists.
    case hidden

    /// Whether it is ``allowed``.
    public var isAllowed: Bool { self == .allowed }

    /// Why not, for a disabled button; nil when allowed.
    public var reason: String? {
      switch self {
      case .allowed: nil
      case .denied(let because): because
      case .hidden: "There is no such thing, or you may not see it."
      }
    }
  }

  /// The platform roles that hold a platform permission.
  static func platformRoles(for permission: Permission) -> Set<PlatformRole> {
    switch permission {
    case .createProjects: [.member, .admin]
    case .tryProjects: [.visitor]
    case .listUsers, .changeUserRoles, .readAudit, .readPlatformUsage, .changeSettings,
      .changeQuotas, .invitePeople, .markDemos:
      [.admin]
    case .readProject, .readPeople, .downloadKubeconfig, .deployApplications, .silenceAlerts,
      .deleteApplications, .manageMembers, .requestQuota, .manageWebhooks, .chooseMails,
      .restoreGuards, .deleteProject, .readProjectAudit:
      [.admin]
    }
  }

  /// The least project role that holds a project permission; nil for a
  /// platform permission.
  static func leastProjectRole(for permission: Permission) -> ProjectRole? {
    switch permission {
    case .readProject, .readPeople, .downloadKubeconfig, .chooseMails: .viewer
    case .deployApplications, .silenceAlerts, .manageWebhooks: .editor
    case .deleteApplications, .manageMembers, .requestQuota, .restoreGuards, .deleteProject,
      .readProjectAudit:
      .owner
    case .createProjects, .tryProjects, .listUsers, .changeUserRoles, .readAudit,
      .readPlatformUsage, .changeSettings, .changeQuotas, .invitePeople, .markDemos:
      nil
    }
  }

  /// What a visitor may do in a project that they are in.
  private static func visitorPermissions(in kind: ProjectKind) -> Set<Permission> {
    let looking: Set<Permission> = [.readProject, .readPeople]
    guard kind == .trial else { return looking }
    return looking.union([
      .deployApplications, .silenceAlerts, .deleteApplications, .restoreGuards, .deleteProject,
    ])
  }

  /// Whether a person with these roles holds a permission.
  ///
  /// - Parameters:
  ///   - role: the person's platform role.
  ///   - projectRole: their role in the project asked about; nil for a
  ///     stranger, or for a platform permission.
  ///   - kind: what kind of project that is.
  public static func decide(
    _ permission: Permission, role: PlatformRole, projectRole: ProjectRole? = nil,
    in kind: ProjectKind = .ordinary
  ) -> Decision {
    if platformRoles(for: permission).contains(role) { return .allowed }
    guard permission.isProjectPermission else {
      return .denied(because: platformReason(for: permission))
    }
    guard let least = leastProjectRole(for: permission) else { return .hidden }
    guard let projectRole else {
      // Everybody may look at a demo, and so knows that it is there.
      guard kind == .demo else { return .hidden }
      return permission == .readProject
        ? .allowed : .denied(because: projectReason(for: permission, least: least))
    }
    // A visitor changes nothing of others, whatever a membership row says.
    if role == .visitor, !visitorPermissions(in: kind).contains(permission) {
      return .denied(
        because: kind == .trial
          ? "This isn’t possible in a project that vanishes after an hour."
          : "Visitors may look but not change anything.")
    }
    return projectRole >= least
      ? .allowed : .denied(because: projectReason(for: permission, least: least))
  }

  /// Whether a principal holds a permission: the person does, and the token that
  /// they came with, if any, makes use of it.
  public static func decide(
    _ permission: Permission, of principal: Principal, projectRole: ProjectRole? = nil,
    in kind: ProjectKind = .ordinary
  ) -> Decision {
    let decision = decide(
      permission, role: principal.role, projectRole: projectRole, in: kind)
    guard decision.isAllowed, principal.scope < permission.leastScope else { return decision }
    return .denied(
      because: "This API token has the scope “\(principal.scope.rawValue)”; it takes "
        + "“\(permission.leastScope.rawValue)”.")
  }

  /// Throws unless the principal holds the permission.
  ///
  /// - Parameter advice: who can change a refusal in this project; nil for
  ///   what is always true.
  /// - Throws: `forbidden` with the reason, or `notFound` when the principal
  ///   may not know of the project.
  public static func require(
    _ permission: Permission, of principal: Principal, projectRole: ProjectRole? = nil,
    in kind: ProjectKind = .ordinary, project: String? = nil, advice: String? = nil
  ) throws(DomainError) {
    switch decide(permission, of: principal, projectRole: projectRole, in: kind) {
    case .allowed: return
    case .denied(let because):
      throw refusal(
        DomainError(.forbidden, because, advice: advice ?? whoGrants(permission)), permission)
    case .hidden:
      throw refusal(
        DomainError(
          .notFound, "There is no project \(project.map { "“\($0)” " } ?? "")that you may see.",
          advice: "Check the address, or ask the project's owner to add you."), permission)
    }
  }

  /// What a person is told who lacks a project permission.
  static func refusal(of permission: Permission) -> DomainError {
    let least = leastProjectRole(for: permission) ?? .owner
    return refusal(
      DomainError(
        .forbidden, projectReason(for: permission, least: least), advice: whoGrants(permission)),
      permission)
  }

  private static func refusal(_ error: DomainError, _ permission: Permission) -> DomainError {
    var error = error
    error.permission = permission
    return error
  }

  private static func platformReason(for permission: Permission) -> String {
    switch permission {
    case .createProjects: "Visitors may look around but not create projects."
    case .listUsers: "Only admins may see the list of users."
    case .changeUserRoles: "Only admins may change roles."
    case .readAudit: "Only admins may read the audit log."
    case .readPlatformUsage: "Only admins may see what all projects use."
    case .changeSettings: "Only admins may change settings."
    case .changeQuotas: "Only admins may change a project's quota; its owners may ask them."
    case .invitePeople: "Only admins may invite people to this site."
    case .markDemos: "Only admins may show a project as a demo."
    case .tryProjects: "These projects are for visitors; make one that stays."
    default: "Only admins may do this."
    }
  }

  private static func projectReason(for permission: Permission, least: ProjectRole) -> String {
    switch permission {
    case .readPeople: "Only members of this project may see who is in it and who did what."
    case .downloadKubeconfig: "Only members of this project may have a kubeconfig for it."
    case .deployApplications: "Only editors and owners of this project may deploy."
    case .silenceAlerts: "Only editors and owners of this project may silence its alerts."
    case .deleteApplications: "Only owners of this project may delete its applications."
    case .manageMembers: "Only owners of this project may change its members."
    case .requestQuota: "Only owners of this project may ask for another quota."
    case .manageWebhooks: "Only editors and owners of this project may manage its webhooks."
    case .chooseMails: "Only members of this project may get mails about it."
    case .restoreGuards: "Only owners of this project may put its guards back."
    case .deleteProject: "Only owners of this project may delete it."
    case .readProjectAudit: "Only owners of this project may see what everybody did in it."
    default: "This needs the role \(least.rawValue) in this project."
    }
  }

  private static func whoGrants(_ permission: Permission) -> String {
    permission.isProjectPermission
      ? "Ask an owner of the project for that role." : "Ask an admin."
  }
}
