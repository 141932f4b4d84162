internal import Foundation

/// The SQL of deploy hooks.
struct DeployHookStore {
  /// A hook with what only the server may know.
  struct Kept: Sendable {
    let hook: DeployHook
    let application: String
    let projectID: Project.ID
    let project: String
    let secretHash: String
    let sealedSecret: String
    /// Whether application and project are there, not deleted.
    let isThere: Bool
  }

  func insert(
    _ hook: DeployHook, of application: Application.ID, hash: String, sealed: String,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO deploy_hooks (id, application_id, name, tags, secret_hash, sealed_secret,
        made_by, created_at, secret_at)
      VALUES (\(hook.id), \(application), \(hook.name), \(hook.tags.text), \(hash), \(sealed),
        \(hook.makerID), \(hook.createdAt), \(hook.secretAt))
      """)
  }

  /// Gives a hook another secret, and another person to deploy as.
  func replaceSecret(
    of id: DeployHook.ID, hash: String, sealed: String, by user: User.ID, at time: Date,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE deploy_hooks SET secret_hash = \(hash), sealed_secret = \(sealed), made_by = \(user),
        secret_at = \(time)
      WHERE id = \(id)
      """)
  }

  func delete(_ id: DeployHook.ID, in connection: any Connection) throws {
    try connection.execute("DELETE FROM deploy_hooks WHERE id = \(id)")
  }

  /// An application's hooks, by name, with their last uses.
  func hooks(
    of application: Application.ID, in connection: any Connection
  ) throws -> [DeployHook] {
    try connection.query(
      """
      SELECT h.*, u.name AS maker_name FROM deploy_hooks h JOIN users u ON u.id = h.made_by
      WHERE h.application_id = \(application) ORDER BY h.name
      """
    ).map { row in
      let hook = try self.hook(row)
      var found = hook
      found.uses = try uses(of: hook.id, in: connection)
      return found
    }
  }

  func kept(_ id: DeployHook.ID, in connection: any Connection) throws -> Kept? {
    try connection.first(
      """
      SELECT h.*, u.name AS maker_name, a.name AS application, p.id AS project_id,
        p.name AS project, a.deleted_at AS gone_at, p.deleted_at AS project_gone_at
      FROM deploy_hooks h JOIN users u ON u.id = h.made_by
        JOIN applications a ON a.id = h.application_id JOIN projects p ON p.id = a.project_id
      WHERE h.id = \(id)
      """
    ).map { row in
      Kept(
        hook: try hook(row), application: try row.get("application"),
        projectID: try row.get("project_id"), project: try row.get("project"),
        secretHash: try row.get("secret_hash"), sealedSecret: try row.get("sealed_secret"),
        isThere: try row.get("gone_at", as: Date?.self) == nil
          && row.get("project_gone_at", as: Date?.self) == nil)
    }
  }

  private func hook(_ row: Row) throws -> DeployHook {
    DeployHook(
      id: try row.get("id"), name: try row.get("name"),
      tags: TagPattern(stored: try row.get("tags")), makerID: try row.get("made_by"),
      makerName: try row.get("maker_name"), createdAt: try row.get("created_at"),
      secretAt: try row.get("secret_at"), uses: [])
  }

  // MARK: Uses

  func note(
    _ use: DeployHookUse, delivery: String?, of hook: DeployHook.ID, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO deploy_hook_uses (id, hook_id, delivery, used_at, outcome, sentence, tag,
        release_number, address)
      VALUES (\(Identifier<DeployHookUse>.random()), \(hook), \(delivery), \(use.at),
        \(use.outcome), \(use.sentence), \(use.tag), \(use.release), \(use.address))
      ON CONFLICT (hook_id, delivery) DO UPDATE SET used_at = excluded.used_at,
        outcome = excluded.outcome, sentence = excluded.sentence, tag = excluded.tag,
        release_number = excluded.release_number, address = excluded.address
      """)
    try connection.execute(
      """
      DELETE FROM deploy_hook_uses WHERE hook_id = \(hook) AND id NOT IN (
        SELECT id FROM deploy_hook_uses WHERE hook_id = \(hook)
        ORDER BY used_at DESC, id LIMIT \(DeployHookUse.kept))
      """)
  }

  /// What a delivery came to before; nil for a new one.
  func use(
    _ delivery: String, of hook: DeployHook.ID, in connection: any Connection
  ) throws -> DeployHookUse? {
    try connection.first(
      "SELECT * FROM deploy_hook_uses WHERE hook_id = \(hook) AND delivery = \(delivery)"
    ).map(use)
  }

  private func uses(
    of hook: DeployHook.ID, in connection: any Connection
  ) throws -> [DeployHookUse] {
    try connection.query(
      """
      SELECT * FROM deploy_hook_uses WHERE hook_id = \(hook)
      ORDER BY used_at DESC, id LIMIT \(DeployHookUse.kept)
      """
    ).map(use)
  }

  private func use(_ row: Row) throws -> DeployHookUse {
    DeployHookUse(
      at: try row.get("used_at"), outcome: try row.get("outcome"),
      sentence: try row.get("sentence"), tag: try row.get("tag"),
      release: try row.get("release_number"), address: try row.get("address"))
  }

  // MARK: Seals

  func seals(in connection: any Connection) throws -> [(id: DeployHook.ID, sealed: String)] {
    try connection.query("SELECT id, sealed_secret FROM deploy_hooks ORDER BY id").map {
      (id: try $0.get("id"), sealed: try $0.get("sealed_secret"))
    }
  }

  /// Replaces a seal, unless the secret was changed meanwhile.
  func reseal(
    _ id: DeployHook.ID, from old: String, to new: String, in connection: any Connection
  ) throws {
    try connection.execute(
      "UPDATE deploy_hooks SET sealed_secret = \(new) WHERE id = \(id) AND sealed_secret = \(old)")
  }
}
