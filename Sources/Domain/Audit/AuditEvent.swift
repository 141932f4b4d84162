public import struct Foundation.Date

/// Everything that can stand in the audit log, in words that never change:
/// people filter by them, and exports are kept for years.
public enum AuditAction: String, Sendable, CaseIterable, Codable, SQLCodable {
  case accountRegister = "account.register"
  case accountCreate = "account.create"
  case accountRoleChange = "account.role.change"
  case accountRename = "account.rename"
  case accountPasswordChange = "account.password.change"
  case accountSuspend = "account.suspend"
  case accountResume = "account.resume"
  case accountResetLink = "account.reset-link.create"
  case invitationCreate = "invitation.create"
  case invitationRevoke = "invitation.revoke"
  case tokenCreate = "token.create"
  case tokenRevoke = "token.revoke"
  case sessionEnd = "session.end"
  case sessionSignIn = "session.sign-in"
  case sessionSignOut = "session.sign-out"
  case sessionVisit = "session.visit"
  case projectCreate = "project.create"
  case projectDelete = "project.delete"
  case projectRestore = "project.restore"
  case projectRemove = "project.remove"
  case projectDemoChange = "project.demo.change"
  case identityConnect = "account.identity.connect"
  case deploymentRemove = "deployment.remove"
  case projectGuardsRestore = "project.guards.restore"
  case projectNamespaceRemake = "project.namespace.remake"
  case quotaRequest = "quota.request"
  case quotaWithdraw = "quota.withdraw"
  case quotaDecline = "quota.decline"
  case quotaChange = "quota.change"
  case memberAdd = "member.add"
  case memberRoleChange = "member.role.change"
  case memberRemove = "member.remove"
  case kubeconfigDownload = "kubeconfig.download"
  case applicationDeploy = "application.deploy"
  case applicationDelete = "application.delete"
  case applicationRestore = "application.restore"
  case applicationRemove = "application.remove"
  case webhookCreate = "webhook.create"
  case webhookChange = "webhook.change"
  case webhookSecretRotate = "webhook.secret.rotate"
  case webhookDelete = "webhook.delete"
  case hookCreate = "hook.create"
  case hookRotate = "hook.rotate"
  case hookRemove = "hook.remove"
  case alertSilenceCreate = "alert.silence.create"
  case alertSilenceEnd = "alert.silence.end"
  case alertTokenCreate = "alert.token.create"
  case alertTokenRevoke = "alert.token.revoke"
  case accessRefuse = "access.refuse"
  case settingChange = "setting.change"
  case auditPrune = "audit.prune"
  case keysRotate = "keys.rotate"

  /// Whether it can be about a project, so that its owners find it.
  public var concernsProjects: Bool {
    switch self {
    case .projectCreate, .projectDelete, .projectRestore, .projectRemove, .deploymentRemove,
      .projectGuardsRestore, .projectNamespaceRemake, .memberAdd, .memberRoleChange, .memberRemove,
      .kubeconfigDownload,
      .invitationCreate, .invitationRevoke, .quotaRequest, .quotaWithdraw, .quotaDecline,
      .quotaChange, .projectDemoChange,
      .webhookCreate, .webhookChange, .webhookSecretRotate, .webhookDelete,
      .applicationDeploy, .applicationDelete, .applicationRestore, .applicationRemove,
      .hookCreate, .hookRotate, .hookRemove, .alertSilenceCreate, .alertSilenceEnd, .accessRefuse:
      true
    case .accountRegister, .accountCreate, .accountRoleChange, .accountRename,
      .accountPasswordChange, .accountSuspend, .accountResume, .accountResetLink, .tokenCreate,
      .tokenRevoke, .sessionEnd, .sessionSignIn, .sessionSignOut, .sessionVisit,
      .identityConnect, .alertTokenCreate, .alertTokenRevoke,
      .settingChange, .auditPrune, .keysRotate:
      false
    }
  }
}

/// How an attempt ended.
public enum AuditOutcome: String, Sendable, CaseIterable, Codable, SQLCodable {
  /// The change was made, in the same transaction as its row.
  case done
  /// The person may not do it; nothing was changed.
  case refused
  /// It was allowed, and something else stopped it.
  case failed
}

/// One field of a change, as people read it. Never a secret: of secret values
/// only the names.
public struct AuditChange: Sendable, Hashable, Codable {
  public var field: String
  /// Nil when there was nothing before.
  public var before: String?
  /// Nil when there is nothing any more.
  public var after: String?

  public init(_ field: String, from before: String? = nil, to after: String? = nil) {
    self.field = field
    self.before = before
    self.after = after
  }
}

/// What an action was about.
public struct AuditTarget: Sendable, Hashable {
  /// `user`, `project`, `application`, `session`, `audit`.
  public var kind: String
  /// Its name as it was then; at most 300 characters are kept.
  public var name: String
  /// The name of the project it belongs to; nil outside of projects.
  public var project: String?

  public init(kind: String, name: String, project: String? = nil) {
    self.kind = kind
    self.name = name
    self.project = project
  }

  static func user(_ email: String, in project: String? = nil) -> Self {
    Self(kind: "user", name: email, project: project)
  }

  static func project(_ name: String) -> Self {
    Self(kind: "project", name: name, project: name)
  }

  static func application(_ name: String, in project: String) -> Self {
    Self(kind: "application", name: name, project: project)
  }
}

/// One row of the audit log.
public struct AuditEvent: Sendable, Hashable {
  /// Its place: 1, 2, 3 …, without gaps.
  public var number: Int
  /// To the millisecond, UTC.
  public var at: Date
  /// Who did it; nil for nobody known.
  public var actorID: String?
  /// Their address as it was then.
  public var actorEmail: String
  /// `browser`, `API token`, `one-time link`, `command line` or `system`.
  public var via: String
  /// The network address; empty when there is none.
  public var address: String
  public var requestID: String
  /// One of ``AuditAction``; text, so that rows of a newer program can be read.
  public var action: String
  public var target: AuditTarget
  public var outcome: AuditOutcome
  /// Why it was refused or failed; empty when done.
  public var reason: String
  /// JSON of ``AuditChange``s, as it was hashed.
  public var changes: String
  /// How many equal attempts the row stands for; more than 1 only for refusals.
  public var occurrences: Int
  /// SHA-256 of the hash before and this row, in hexadecimal.
  public var hash: String
}
