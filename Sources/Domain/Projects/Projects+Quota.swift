internal import Foundation
internal import Logging

/// Quotas after a project was made: owners ask, admins decide.
extension Projects {
  /// A project's quota, and what was asked about it.
  ///
  /// - Throws: `notFound`, `unavailable`.
  public func quota(
    of name: String, as principal: Principal
  ) async throws(DomainError) -> QuotaOverview {
    try await database.reading { [self] connection in
      let membership = try project(named: name, for: .readProject, as: principal, in: connection)
      let requests =
        membership.isOutsider
        ? [] : try store.quotaRequests(of: membership.project.id, in: connection)
      return QuotaOverview(
        membership: membership, open: requests.first { $0.outcome == nil },
        decided: requests.filter { $0.outcome != nil })
    }
  }

  /// What waits for an admin's decision, the oldest first.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func openQuotaRequests(
    as principal: Principal
  ) async throws(DomainError) -> [QuotaRequest] {
    try AccessTable.require(.changeQuotas, of: principal)
    return try await database.reading { [store] connection in
      try store.openQuotaRequests(in: connection)
    }
  }

  /// Asks the admins for another quota. An earlier open request of the project
  /// is replaced.
  ///
  /// - Throws: `invalid` with the fields of ``QuotaDraft`` and `reason`;
  ///   `notFound`, `forbidden`, `unavailable`.
  public func requestQuota(
    _ draft: QuotaDraft, because reason: String, of name: String, as principal: Principal
  ) async throws(DomainError) {
    let project = try await project(named: name, for: .requestQuota, as: principal).project
    let quota = try Self.checked(draft, text: reason, field: "reason")
    guard quota != project.quota else {
      throw DomainError.invalid([
        FieldError("cpu", "The project has this quota already; change at least one number.")
      ])
    }
    let time = now()
    try await database.writing { [self] connection in
      let project = try self.project(
        named: name, for: .requestQuota, as: principal, in: connection
      ).project
      _ = try store.close(
        requestOf: project.id, .withdrawn, answer: "", by: principal.name, at: time,
        in: connection)
      try store.insert(
        QuotaRequest(
          id: .random(), project: project.id, projectName: project.name, quota: quota,
          reason: reason.trimmingSpaces(), askedBy: principal.name, createdAt: time, outcome: nil,
          answer: "", decidedBy: "", decidedAt: nil),
        in: connection)
      try audit.record(
        .quotaRequest, .project(project.name),
        [AuditChange("quota", from: project.quota.sentence, to: quota.sentence)], as: principal,
        in: connection)
    }
  }

  /// Takes the open request back. Does nothing when there is none.
  ///
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func withdrawQuotaRequest(
    of name: String, as principal: Principal
  ) async throws(DomainError) {
    let time = now()
    try await database.writing { [self] connection in
      let project = try self.project(
        named: name, for: .requestQuota, as: principal, in: connection
      ).project
      let isDone = try store.close(
        requestOf: project.id, .withdrawn, answer: "", by: principal.name, at: time,
        in: connection)
      guard isDone else { return }
      try audit.record(
        .quotaWithdraw, .project(project.name), as: principal, in: connection)
    }
  }

  /// Turns a request down.
  ///
  /// - Throws: `invalid` at `answer`; `conflict` when it isn't open any more;
  ///   `notFound`, `forbidden`, `unavailable`.
  public func declineQuota(
    _ request: QuotaRequest.ID, of name: String, answer: String, as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.changeQuotas, of: principal)
    try Self.requireShort(answer, field: "answer")
    let time = now()
    try await database.writing { [self] connection in
      let project = try self.project(
        named: name, for: .readProject, as: principal, in: connection
      ).project
      try decide(request, of: project, .declined, answer, by: principal, at: time, in: connection)
      try audit.record(
        .quotaDecline, .project(project.name), as: principal, in: connection)
    }
  }

  /// Gives a project another quota, on the cluster and here: what was asked
  /// for, or what an admin decides by themself.
  ///
  /// What runs already goes on, also above a quota that was made smaller.
  /// - Parameter request: that this answers; nil for none.
  /// - Throws: `invalid` with the fields of ``QuotaDraft`` and `answer`;
  ///   `conflict` when it was changed or decided meanwhile, or the namespace
  ///   isn't the one BabyHelm made; `notFound`, `forbidden`, `unavailable`.
  public func setQuota(
    _ draft: QuotaDraft, of name: String, answering request: QuotaRequest.ID? = nil,
    answer: String = "", as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.changeQuotas, of: principal)
    let project = try await project(named: name, for: .readProject, as: principal).project
    let quota = try Self.checked(draft, text: answer, field: "answer")
    try requireReady(project)
    try await guards.requireOurs(project)
    // The cluster first: what it refuses is never promised here.
    try await guards.applyQuota(of: project.with(quota))
    isolation.forget(project)
    let time = now()
    do throws(DomainError) {
      try await database.writing { [self] connection in
        if let request {
          try decide(
            request, of: project, .approved, answer, by: principal, at: time, in: connection)
        }
        guard try store.setQuota(quota, of: project, in: connection) else {
          throw Self.changedMeanwhile(project)
        }
        try audit.record(
          .quotaChange, .project(project.name),
          [AuditChange("quota", from: project.quota.sentence, to: quota.sentence)], as: principal,
          in: connection)
      }
    } catch {
      await putBackQuota(of: project)
      throw error
    }
  }

  /// Makes the cluster's quota again what the database says.
  private func putBackQuota(of project: Project) async {
    do throws(DomainError) {
      guard let current = try await self.project(project.id) else { return }
      try await guards.applyQuota(of: current)
    } catch {
      logger.warning(
        "a quota on the cluster isn't the project's until its guards are put back",
        metadata: ["project": "\(project.name)", "error": "\(error.underlying ?? error.message)"])
    }
    isolation.forget(project)
  }

  private func decide(
    _ request: QuotaRequest.ID, of project: Project, _ outcome: QuotaRequest.Outcome,
    _ answer: String, by principal: Principal, at time: Date, in connection: any Connection
  ) throws {
    let isDone = try store.close(
      requestOf: project.id, id: request, outcome, answer: answer.trimmingSpaces(),
      by: principal.name,
      at: time, in: connection)
    guard isDone else {
      throw DomainError(
        .conflict, "This request was decided, changed or taken back meanwhile.",
        advice: "Reload the page to see what is asked for now.")
    }
  }

  private static func changedMeanwhile(_ project: Project) -> DomainError {
    DomainError(
      .conflict, "The quota of “\(project.name)” was changed while you did.",
      advice: "Reload the page to see what it is now.")
  }

  private static func checked(
    _ draft: QuotaDraft, text: String, field: String
  ) throws(DomainError) -> ProjectQuota {
    var errors: [FieldError] = []
    let quota = draft.checked(&errors)
    if let mistake = mistake(in: text) { errors.append(FieldError(field, mistake)) }
    guard errors.isEmpty, let quota else { throw DomainError.invalid(errors) }
    return quota
  }

  private static func requireShort(_ text: String, field: String) throws(DomainError) {
    guard let mistake = mistake(in: text) else { return }
    throw DomainError.invalid([FieldError(field, mistake)])
  }

  private static func mistake(in text: String) -> String? {
    text.unicodeScalars.count > 500 || text.unicodeScalars.contains { $0.value == 0 }
      ? "Write at most 500 characters." : nil
  }
}
