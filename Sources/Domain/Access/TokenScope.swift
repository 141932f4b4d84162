/// What an API token lets its owner do: never more than they may themselves.
public enum TokenScope: String, Sendable, CaseIterable, Codable, Comparable {
  /// Look, as a viewer of the owner's projects.
  case read
  /// Also make projects, deploy, roll back, scale and restart.
  case deploy
  /// Everything that the owner may do.
  case admin

  public static func < (left: TokenScope, right: TokenScope) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension TokenScope: SQLCodable {}

extension Permission {
  /// The least scope of a token that may make use of the permission.
  public var leastScope: TokenScope {
    switch self {
    case .readProject, .readPeople: .read
    case .createProjects, .tryProjects, .deployApplications, .silenceAlerts: .deploy
    case .listUsers, .changeUserRoles, .readAudit, .readPlatformUsage, .changeSettings,
      .changeQuotas, .invitePeople, .markDemos, .requestQuota,
      .downloadKubeconfig, .manageMembers, .manageWebhooks, .chooseMails,
      .deleteApplications, .restoreGuards, .deleteProject,
      .readProjectAudit:
      .admin
    }
  }
}
