/// One thing a person may be allowed to do: a verb and what it is done to, in
/// the words of Kubernetes RBAC.
public enum Permission: String, Sendable, CaseIterable, Codable {
  // Platform

  /// Make a project, and own it.
  case createProjects
  /// See everybody's name, address and role.
  case listUsers
  /// Give somebody another platform role.
  case changeUserRoles

  // In a project

  /// See the project and what runs in it.
  case readProject
  /// Deploy, roll back, scale, restart, edit configuration.
  case deployApplications
  /// Add and remove members, and change their project roles.
  case manageMembers
  /// Put the project's guards back as they were made.
  case restoreGuards
  /// Delete the project with all that runs in it.
  case deleteProject

  /// Whether it is asked about a project, and so depends on the project role.
  public var isProjectPermission: Bool {
    switch self {
    case .createProjects, .listUsers, .changeUserRoles: false
    case .readProject, .deployApplications, .manageMembers, .restoreGuards, .deleteProject: true
    }
  }
}
