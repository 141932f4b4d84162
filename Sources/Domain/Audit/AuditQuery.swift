public import struct Foundation.Date

/// Which rows of the audit log to show. What is nil or empty limits nothing.
public struct AuditQuery: Sendable, Hashable {
  /// A part of the actor's e-mail address, whatever the case.
  public var actor: String
  public var action: AuditAction?
  /// The name of a project.
  public var project: String
  public var outcome: AuditOutcome?
  public var since: Date?
  /// Rows at this very time are left out.
  public var until: Date?

  public init(
    actor: String = "", action: AuditAction? = nil, project: String = "",
    outcome: AuditOutcome? = nil, since: Date? = nil, until: Date? = nil
  ) {
    self.actor = actor
    self.action = action
    self.project = project
    self.outcome = outcome
    self.since = since
    self.until = until
  }

  /// Conditions that begin with `AND`.
  var filter: SQL {
    var filter: SQL = ""
    if !actor.isEmpty {
      filter =
        "\(sql: filter) AND LOWER(actor_email) LIKE \(LikePattern.containing(actor.lowercased())) ESCAPE '\\'"
    }
    if let action { filter = "\(sql: filter) AND action = \(action)" }
    if !project.isEmpty { filter = "\(sql: filter) AND project = \(project)" }
    if let outcome { filter = "\(sql: filter) AND outcome = \(outcome)" }
    if let since { filter = "\(sql: filter) AND at >= \(since)" }
    if let until { filter = "\(sql: filter) AND at < \(until)" }
    return filter
  }
}
