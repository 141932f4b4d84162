internal import Foundation

/// The SQL of quotas and of requests for another one.
extension ProjectStore {
  /// Gives a project another quota. False when it isn't the one that was seen.
  func setQuota(
    _ quota: ProjectQuota, of project: Project, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE projects SET cpu = \(quota.cpu), memory = \(quota.memory), pods = \(quota.pods),
        storage = \(quota.storage)
      WHERE id = \(project.id) AND deleted_at IS NULL AND cpu = \(project.quota.cpu)
        AND memory = \(project.quota.memory) AND pods = \(project.quota.pods)
        AND storage = \(project.quota.storage)
      """) == 1
  }

  func insert(_ request: QuotaRequest, in connection: any Connection) throws {
    let quota = request.quota
    try connection.execute(
      """
      INSERT INTO quota_requests (id, project_id, cpu, memory, pods, storage, reason, asked_by,
        created_at, answer, decided_by)
      VALUES (\(request.id), \(request.project), \(quota.cpu), \(quota.memory), \(quota.pods),
        \(quota.storage), \(request.reason), \(request.askedBy), \(request.createdAt), '', '')
      """)
  }

  /// Closes the open request of a project. False when there is none.
  func close(
    requestOf project: Project.ID, id: QuotaRequest.ID? = nil, _ outcome: QuotaRequest.Outcome,
    answer: String, by name: String, at time: Date, in connection: any Connection
  ) throws -> Bool {
    let which: SQL = id.map { "AND id = \($0)" } ?? ""
    return try connection.execute(
      """
      UPDATE quota_requests SET outcome = \(outcome), answer = \(answer), decided_by = \(name),
        decided_at = \(time)
      WHERE project_id = \(project) AND outcome IS NULL \(sql: which)
      """) == 1
  }

  /// The requests of a project, the newest first; at most eleven.
  func quotaRequests(
    of project: Project.ID, in connection: any Connection
  ) throws -> [QuotaRequest] {
    try connection.query(
      """
      SELECT r.*, p.name AS project_name FROM quota_requests r
        JOIN projects p ON p.id = r.project_id
      WHERE r.project_id = \(project) AND (r.outcome IS NULL OR r.outcome <> 'withdrawn')
      ORDER BY CASE WHEN r.outcome IS NULL THEN 0 ELSE 1 END, r.created_at DESC LIMIT 11
      """
    ).map(quotaRequest)
  }

  /// What waits for an admin, the oldest first; at most a hundred.
  func openQuotaRequests(in connection: any Connection) throws -> [QuotaRequest] {
    try connection.query(
      """
      SELECT r.*, p.name AS project_name FROM quota_requests r
        JOIN projects p ON p.id = r.project_id
      WHERE r.outcome IS NULL AND p.deleted_at IS NULL ORDER BY r.created_at LIMIT 100
      """
    ).map(quotaRequest)
  }

  private func quotaRequest(_ row: Row) throws -> QuotaRequest {
    QuotaRequest(
      id: try row.get("id"), project: try row.get("project_id"),
      projectName: try row.get("project_name"),
      quota: ProjectQuota(
        cpu: try row.get("cpu"), memory: try row.get("memory"), pods: try row.get("pods"),
        storage: try row.get("storage")),
      reason: try row.get("reason"), askedBy: try row.get("asked_by"),
      createdAt: try row.get("created_at"), outcome: try row.get("outcome"),
      answer: try row.get("answer"), decidedBy: try row.get("decided_by"),
      decidedAt: try row.get("decided_at"))
  }
}
