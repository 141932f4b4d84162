internal import Foundation

/// The SQL of releases and their operations.
struct ReleaseStore {
  // MARK: Releases

  func insert(_ release: Release, in connection: any Connection) throws {
    let specification = try ApplicationCoding.encode(release.spec)
    let manifests = String(decoding: try JSONEncoder().encode(release.manifests), as: UTF8.self)
    try connection.execute(
      """
      INSERT INTO releases (id, application_id, number, image, specification, manifests, plan_hash,
        author_id, message, state, outcome, created_at, finished_at)
      VALUES (\(release.id), \(release.applicationID), \(release.number),
        \(release.spec.image.text), \(specification),
        \(manifests), \(release.planHash), \(release.authorID), \(release.message),
        \(release.state), \(release.outcome), \(release.createdAt), \(release.finishedAt))
      """)
  }

  func release(
    _ number: Int, of application: Application.ID, in connection: any Connection
  ) throws -> Release? {
    try connection.first(
      """
      SELECT r.*, u.name AS author_name FROM releases r LEFT JOIN users u ON u.id = r.author_id
      WHERE r.application_id = \(application) AND r.number = \(number)
      """
    ).map(release)
  }

  /// Who made a release; nil when it is gone.
  func author(of id: Release.ID, in connection: any Connection) throws -> User.ID? {
    try connection.first("SELECT author_id FROM releases WHERE id = \(id)")?
      .get("author_id", as: User.ID?.self)
  }

  func release(_ id: Release.ID, in connection: any Connection) throws -> Release? {
    try connection.first(
      """
      SELECT r.*, u.name AS author_name FROM releases r LEFT JOIN users u ON u.id = r.author_id
      WHERE r.id = \(id)
      """
    ).map(release)
  }

  /// The release that confirming a plan made before, for a second click.
  func release(
    confirming hash: String, of application: Application.ID, in connection: any Connection
  ) throws -> Release? {
    try connection.first(
      """
      SELECT r.*, u.name AS author_name FROM releases r LEFT JOIN users u ON u.id = r.author_id
      WHERE r.application_id = \(application) AND r.plan_hash = \(hash)
      """
    ).map(release)
  }

  /// Releases before a number, newest first.
  func history(
    of application: Application.ID, before number: Int, limit: Int, in connection: any Connection
  ) throws -> [ReleaseSummary] {
    try connection.query(
      """
      SELECT r.number, r.state, r.image, r.message, r.outcome, r.created_at, r.finished_at,
        u.name AS author_name
      FROM releases r LEFT JOIN users u ON u.id = r.author_id
      WHERE r.application_id = \(application) AND r.number < \(number)
      ORDER BY r.number DESC LIMIT \(limit)
      """
    ).map { row in
      ReleaseSummary(
        number: try row.get("number"), state: try row.get("state"), image: try row.get("image"),
        authorName: try row.get("author_name", as: String?.self) ?? "",
        message: try row.get("message"),
        outcome: try row.get("outcome", as: String?.self) ?? "",
        createdAt: try row.get("created_at"), finishedAt: try row.get("finished_at"))
    }
  }

  /// When releases of a project, or of one of its applications, were made; the newest ones, the
  /// oldest of them first.
  func moments(
    in project: Project.ID, of application: Application.ID?, since: Date, limit: Int,
    in connection: any Connection
  ) throws -> [ReleaseMoment] {
    let one: SQL = application.map { "AND r.application_id = \($0)" } ?? ""
    return try connection.query(
      """
      SELECT a.name, r.number, r.state, r.created_at
      FROM releases r JOIN applications a ON a.id = r.application_id
      WHERE a.project_id = \(project) \(sql: one) AND r.created_at >= \(since)
      ORDER BY r.created_at DESC, r.number DESC LIMIT \(limit)
      """
    ).map { row in
      ReleaseMoment(
        application: try row.get("name"), number: try row.get("number"),
        state: try row.get("state"), createdAt: try row.get("created_at"))
    }.reversed()
  }

  /// The number of the newest release before another one that succeeded.
  func newestSucceeded(
    of application: Application.ID, before number: Int, in connection: any Connection
  ) throws -> Int? {
    try connection.first(
      """
      SELECT MAX(number) AS newest FROM releases
      WHERE application_id = \(application) AND number < \(number)
        AND state = \(Release.State.succeeded)
      """
    )?.get("newest")
  }

  // MARK: Retention

  /// Removes the oldest releases beyond a number of them: never one that isn't
  /// through, the newest, or the newest that succeeded.
  ///
  /// - Returns: how many went.
  func removeOldest(
    of application: Application.ID, keeping count: Int, in connection: any Connection
  ) throws -> Int {
    let newest = try newestNumber(of: application, in: connection)
    let served = try newestSucceeded(of: application, before: newest + 1, in: connection) ?? newest
    return try connection.execute(
      """
      DELETE FROM releases
      WHERE application_id = \(application) AND number < \(newest) AND number <> \(served)
        AND state IN (\(Release.State.succeeded), \(Release.State.failed),
          \(Release.State.superseded))
        AND number NOT IN (
          SELECT number FROM releases WHERE application_id = \(application)
          ORDER BY number DESC LIMIT \(count))
      """)
  }

  /// The specifications of all releases that are kept.
  func specifications(
    of application: Application.ID, in connection: any Connection
  ) throws -> [ApplicationSpec] {
    try connection.query(
      "SELECT specification FROM releases WHERE application_id = \(application)"
    ).map { try ApplicationCoding.decode($0.get("specification")) }
  }

  func newest(of application: Application.ID, in connection: any Connection) throws -> Release? {
    try connection.first(
      """
      SELECT r.*, u.name AS author_name FROM releases r LEFT JOIN users u ON u.id = r.author_id
      WHERE r.application_id = \(application) ORDER BY r.number DESC LIMIT 1
      """
    ).map(release)
  }

  /// The newest release of each application of a project, by name.
  func newest(in project: Project.ID, in connection: any Connection) throws -> [Release] {
    try connection.query(
      """
      SELECT r.*, u.name AS author_name
      FROM releases r JOIN applications a ON a.id = r.application_id
        AND a.release_number = r.number
      LEFT JOIN users u ON u.id = r.author_id
      WHERE a.project_id = \(project) AND a.deleted_at IS NULL ORDER BY a.name
      """
    ).map(release)
  }

  func newestNumber(of application: Application.ID, in connection: any Connection) throws -> Int {
    try connection.first(
      "SELECT MAX(number) AS newest FROM releases WHERE application_id = \(application)"
    )?.get("newest") ?? 0
  }

  /// Moves a release on. A final state is never left again.
  func setState(
    _ state: Release.State, of id: Release.ID, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE releases SET state = \(state)
      WHERE id = \(id) AND state IN (\(Release.State.queued), \(Release.State.applying),
        \(Release.State.rollingOut))
      """)
  }

  // MARK: Operations

  func insert(
    _ operation: Operation, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO operations (id, kind, project_id, release_id, state, attempts, created_at)
      VALUES (\(operation.id), 'deploy', \(operation.projectID), \(operation.releaseID), 'queued',
        \(operation.attempts), \(time))
      """)
  }

  /// Whether an operation waits for a worker.
  func hasWaiting(at time: Date, in connection: any Connection) throws -> Bool {
    try connection.first(
      """
      SELECT 1 AS found FROM operations
      WHERE state <> 'done' AND (leased_until IS NULL OR leased_until < \(time)) LIMIT 1
      """) != nil
  }

  /// Takes the oldest operation that nobody holds. Operations of one
  /// application run one after another, in the order they were stored.
  func claim(
    for worker: String, at time: Date, until: Date, in connection: any Connection
  ) throws -> Operation? {
    let row = try connection.first(
      """
      SELECT o.id, o.project_id, o.release_id, o.attempts
      FROM operations o JOIN releases r ON r.id = o.release_id
      WHERE o.state <> 'done' AND (o.leased_until IS NULL OR o.leased_until < \(time))
        AND NOT EXISTS (
          SELECT 1 FROM operations p JOIN releases q ON q.id = p.release_id
          WHERE p.state <> 'done' AND q.application_id = r.application_id AND q.number < r.number)
      ORDER BY o.created_at, o.id LIMIT 1
      \(sqlite: "", postgres: "FOR UPDATE OF o SKIP LOCKED")
      """)
    guard let row else { return nil }
    let operation = Operation(
      id: try row.get("id"), projectID: try row.get("project_id"),
      releaseID: try row.get("release_id"), attempts: try row.get("attempts") + 1)
    try connection.execute(
      """
      UPDATE operations SET state = 'running', attempts = \(operation.attempts),
        leased_by = \(worker), leased_until = \(until)
      WHERE id = \(operation.id)
      """)
    return operation
  }

  /// Keeps an operation.
  ///
  /// - Returns: false when another worker has it by now.
  func renew(
    _ id: Operation.ID, for worker: String, until: Date, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE operations SET leased_until = \(until)
      WHERE id = \(id) AND leased_by = \(worker) AND state = 'running'
      """) == 1
  }

  /// Gives an operation back, so that another worker can go on at once.
  func release(
    _ id: Operation.ID, from worker: String, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE operations SET leased_by = NULL, leased_until = \(time)
      WHERE id = \(id) AND leased_by = \(worker) AND state = 'running'
      """)
  }

  /// Ends an operation and its release in one step.
  ///
  /// - Returns: false when another worker has the operation by now; nothing is
  ///   recorded then.
  func finish(
    _ operation: Operation, by worker: String, as end: ReleaseApplier.End, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    let held = try connection.execute(
      """
      UPDATE operations SET state = 'done', finished_at = \(time), leased_until = NULL
      WHERE id = \(operation.id) AND leased_by = \(worker) AND state = 'running'
      """)
    guard held == 1 else { return false }
    try connection.execute(
      """
      UPDATE releases SET state = \(end.state), outcome = \(end.outcome), finished_at = \(time),
        image_digest = \(end.imageDigest)
      WHERE id = \(operation.releaseID)
      """)
    return true
  }

  private func release(_ row: Row) throws -> Release {
    Release(
      id: try row.get("id"), applicationID: try row.get("application_id"),
      number: try row.get("number"), spec: try ApplicationCoding.decode(row.get("specification")),
      manifests: try JSONDecoder().decode(
        [ReleaseManifest].self, from: Data(try row.get("manifests", as: String.self).utf8)),
      planHash: try row.get("plan_hash"), authorID: try row.get("author_id"),
      authorName: try row.get("author_name", as: String?.self) ?? "",
      message: try row.get("message"), imageDigest: try row.get("image_digest"),
      state: try row.get("state"),
      outcome: try row.get("outcome", as: String?.self) ?? "", createdAt: try row.get("created_at"),
      finishedAt: try row.get("finished_at"))
  }
}
