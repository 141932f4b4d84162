/// One thing a person may be allowed to do: a verb and what it is done to, in
/// the words of Kubernetes RBAC.
public enum Permission: String, Sendable, CaseIterable, Codable {
  // Platform

  /// Make a project, and own it.
  case createProjects
  /// See everybody's name, address and role.
  case listUsers
  /// Give somebody another platform role, suspend them, or make a link with
  /// which they set their password.
  case changeUserRoles
  /// See what everybody did.
  case readAudit
  /// See what all projects ask for, use and cost.
  case readPlatformUsage
  /// Decide what holds for everybody: policy and prices.
  case changeSettings
  /// Give a project another quota.
  case changeQuotas
  /// Ask somebody in who has no account, with a platform role.
  case invitePeople
  /// Show a project to everybody as a demo.
  case markDemos
  /// Have a project on the sandbox that vanishes after an hour.
  case tryProjects

  // In a project

  /// See the project and what runs in it.
  case readProject
  /// See who is in the project, and who did what.
  case readPeople
  /// Get a kubeconfig with which the cluster itself can be asked.
  case downloadKubeconfig
  /// Deploy, roll back, scale, restart, edit configuration.
  case deployApplications
  /// Say that alerts are known and needn't be told of for a while.
  case silenceAlerts
  /// Add and remove members, and change their project roles.
  case manageMembers
  /// Delete applications, restore them, and remove them for good.
  case deleteApplications
  /// Ask the admins for another quota.
  case requestQuota
  /// Make, change and try the project's webhooks, and see what they were told.
  case manageWebhooks
  /// Choose of what in the project to get mails.
  case chooseMails
  /// Put the project's guards back as they were made.
  case restoreGuards
  /// Delete the project with all that runs in it.
  case deleteProject
  /// See what everybody did in the project.
  case readProjectAudit

  /// Whether it is asked about a project, and so depends on the project role.
  public var isProjectPermission: Bool {
    switch self {
    case .createProjects, .listUsers, .changeUserRoles, .readAudit, .readPlatformUsage,
      .changeSettings, .changeQuotas, .invitePeople, .markDemos, .tryProjects:
      false
    case .readProject, .readPeople, .downloadKubeconfig, .deployApplications, .silenceAlerts,
      .deleteApplications, .manageMembers, .requestQuota, .manageWebhooks, .chooseMails,
      .restoreGuards, .deleteProject, .readProjectAudit:
      true
    }
  }
}
