import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// Somebody who asks, as the matrix of rights has them.
struct Actor {
  let name: String
  let browser: Browser
  /// nil for who isn't signed in.
  let principal: Principal?
  let projectRole: ProjectRole?
}

/// A site with somebody of each role, a project `shop` with an application
/// `web` and a deleted one `gone`, and a deleted project `old`. Nothing runs in
/// the background any more, so whatever happens comes from a request.
struct EveryRole {
  let site: SandboxSite
  let actors: [Actor]
  /// Whom nobody's role depends on.
  let spare: User.ID
  /// Tokens by whose they are and their scope.
  let tokens: [(owner: Actor, scope: TokenScope, secret: String)]

  static let password = "correct horse"

  func actor(_ name: String) throws -> Actor {
    try #require(actors.first { $0.name == name })
  }

  /// Puts `old` and `gone` back among what is deleted, whoever restored or
  /// removed them.
  func deleteAgain() async throws {
    let now = Date()
    try await site.database.write { connection in
      try connection.execute(
        """
        UPDATE projects SET deleted_at = \(now), deleted_by = created_by, removing_since = NULL,
          restored_from = NULL WHERE name = 'old'
        """)
      try connection.execute(
        """
        UPDATE applications SET deleted_at = \(now), removing_since = NULL WHERE name = 'gone'
        """)
    }
  }
}

/// Runs a test with somebody of each role.
func withEveryRole(_ test: @escaping @Sendable (EveryRole) async throws -> Void) async throws {
  try await withSandboxSite { site in
    let ann = Browser(site.client)
    try await ann.register(name: "admin", email: "admin@example.net")
    for project in ["shop", "old"] {
      try await ann.get("/projects/new")
      let answer = try await ann.post(
        "/projects/new", ["name": project, "cpu": "4", "memory": "8Gi", "pods": "20"])
      try #require(answer.status == .seeOther)
    }
    for application in ["web", "gone"] {
      try await ann.get("/projects/shop/apps/new")
      let plan = try await ann.post(
        "/projects/shop/apps/new",
        [
          "name": application, "image": "nginx:1.27", "port": "80", "replicas": "1",
          "cpuRequest": "100m", "memoryRequest": "64Mi", "memoryLimit": "128Mi",
        ])
      try #require(try await ann.confirm(plan).status == .seeOther)
      try await eventually("\(application) runs") {
        try await ann.get("/projects/shop/apps/\(application)").text
          .contains("All replicas serve")
      }
    }
    try await ann.get("/projects/shop/apps/gone/settings")
    try await ann.post("/projects/shop/apps/gone/delete", ["confirmation": "gone"])
    try await ann.get("/projects/old/settings")
    try await ann.post("/projects/old/delete", ["confirmation": "old"])
    try await eventually("the work is done") {
      try await site.database.read {
        try $0.first("SELECT 1 AS one FROM operations WHERE finished_at IS NULL") == nil
      }
    }
    await site.stopBackground()

    var actors = [
      Actor(name: "anonymous", browser: Browser(site.client), principal: nil, projectRole: nil)
    ]
    actors.append(try await actor("stranger", .member, nil, on: site))
    actors.append(try await actor("viewer", .member, .viewer, on: site))
    actors.append(try await actor("editor", .member, .editor, on: site))
    actors.append(try await actor("owner", .member, .owner, on: site))
    // A visitor changes nothing, whatever a membership row says.
    actors.append(try await actor("visitor", .visitor, .owner, on: site))
    let spare = try await actor("spare", .member, .viewer, on: site)
    try await site.database.write {
      try $0.execute(
        "DELETE FROM memberships WHERE user_id IN (SELECT id FROM users WHERE name = 'admin')")
    }
    actors.append(
      Actor(
        name: "admin", browser: ann, principal: try await principal("admin", .admin, on: site),
        projectRole: nil))
    try await ann.get("/nowhere-for-a-token")
    try await actors[0].browser.get("/login")
    var tokens: [(Actor, TokenScope, String)] = []
    for owner in actors where ["owner", "admin"].contains(owner.name) {
      for scope in TokenScope.allCases where owner.name == "admin" || scope == .deploy {
        tokens.append((owner, scope, try await token(of: owner, scope, on: site)))
      }
    }
    try await test(
      EveryRole(
        site: site, actors: actors, spare: try #require(spare.principal).userID,
        tokens: tokens.map { (owner: $0.0, scope: $0.1, secret: $0.2) }))
  }
}

private func actor(
  _ name: String, _ role: PlatformRole, _ projectRole: ProjectRole?, on site: SandboxSite
) async throws -> Actor {
  let browser = Browser(site.client)
  try await browser.register(name: name, email: "\(name)@example.net")
  try await site.database.write { connection in
    try connection.execute("UPDATE users SET role = \(role) WHERE name = \(name)")
    guard let projectRole else { return }
    try connection.execute(
      """
      INSERT INTO memberships (project_id, user_id, role, created_at)
      SELECT p.id, u.id, \(projectRole), 0 FROM projects p, users u WHERE u.name = \(name)
      """)
  }
  return Actor(
    name: name, browser: browser, principal: try await principal(name, role, on: site),
    projectRole: projectRole)
}

private func principal(
  _ name: String, _ role: PlatformRole, on site: SandboxSite
) async throws -> Principal {
  let row = try #require(
    try await site.database.read { try $0.first("SELECT id FROM users WHERE name = \(name)") })
  return Principal(
    userID: try row.get("id"), name: name, email: "\(name)@example.net", role: role,
    credential: .session(Session.ID(rawValue: "any")))
}

/// A token that was used already, so that its next use notes nothing.
private func token(
  of owner: Actor, _ scope: TokenScope, on site: SandboxSite
) async throws -> String {
  try await owner.browser.get("/account")
  let page = try await owner.browser.post(
    "/account/tokens", ["name": "a \(scope.rawValue)", "scope": scope.rawValue, "days": "30"])
  let secret = String(
    try #require(page.text.firstMatch(of: #/babyhelm_[A-Za-z0-9_-]{40,}/#)).output)
  let used = try await site.client.executeRequest(
    uri: "/projects", method: .get,
    headers: [.authorization: "Bearer \(secret)", .accept: "text/html"], body: nil)
  try #require(used.status == .ok)
  return secret
}
