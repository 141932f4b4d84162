import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// Projects, people and what admins do, through the API.
@Suite struct ResourceAPITests {
  @Test func `a project is made, read, deleted, restored and removed`() async throws {
    try await withAPI { program, _, _ in
      let made = try await program.post(
        "/projects",
        [
          "name": "other", "podSecurity": "restricted",
          "quota": ["cpu": "2", "memory": "4Gi", "pods": 10, "storage": "0"],
        ])
      #expect(made.status == .created)
      #expect(made.headers[.location] == "/api/v1/projects/other")
      #expect(made.json["quota"]?["pods"] == 10)
      #expect(made.json["role"] == "owner")
      let shown = try await program.get("/projects/other")
      #expect(shown.json["project"] == made.json)
      #expect(try await program.post("/projects/other/guards").status == .noContent)
      #expect(try await program.send(.delete, "/projects/other?confirm=no").fields == ["confirm"])
      #expect(
        try await program.send(.delete, "/projects/other?confirm=other").status == .noContent)
      #expect(try await program.get("/projects/other").status == .notFound)
      let deleted = try await program.get("/deleted-projects")
      #expect(deleted.json["items"]?[0]?["name"] == "other")
      #expect(try await program.post("/projects/other/restore").status == .ok)
      try await program.send(.delete, "/projects/other?confirm=other")
      #expect(try await program.post("/projects/other/removal?confirm=x").fields == ["confirm"])
      #expect(
        try await program.post("/projects/other/removal?confirm=other").status == .noContent)
    }
  }

  @Test func `members come, change their role, and go`() async throws {
    try await withAPI { program, _, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      let added = try await program.post(
        "/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      #expect(added.status == .created)
      let id = try #require(added.json["id"]?.string)
      let his = try await caller(for: bob, .admin, site)
      #expect(
        try await his.send(.put, Caller.web, ["specification": web]).status == .forbidden)
      let changed = try await program.send(
        .patch, "/projects/shop/members/\(id)", ["role": "editor"])
      #expect(changed.json["role"] == "editor")
      #expect(
        try await his.send(.put, Caller.web, ["specification": web]).status == .accepted)
      #expect(try await his.get("/projects/shop/audit").status == .forbidden)
      let members = try await program.get("/projects/shop/members")
      #expect(members.json["items"]?.array?.count == 2)
      try await eventually("his rights are on the cluster") {
        try await his.post("/projects/shop/kubeconfig", ["hours": 1]).status == .ok
      }
      #expect(
        try await program.post("/projects/shop/kubeconfig", ["hours": 2]).fields == ["hours"])
      #expect(
        try await program.send(.delete, "/projects/shop/members/\(id)").status == .noContent)
      #expect(try await his.get("/projects/shop").status == .notFound)
      let nobody = try await program.post(
        "/projects/shop/members", ["email": "eve@example.net", "role": "viewer"])
      #expect(nobody.fields == ["email"])
    }
  }

  @Test func `people are invited, into a project and into the site`() async throws {
    try await withAPI { program, _, _ in
      for path in ["/projects/shop/invitations", "/admin/invitations"] {
        let made = try await program.post(path, ["email": "eve@example.net"])
        #expect(made.status == .created, "\(made.text)")
        #expect(made.json["link"]?.string?.contains("/invitation?link=") == true)
        let id = try #require(made.json["invitation"]?["id"]?.string)
        #expect(try await program.get(path).json["items"]?[0]?["id"] == .string(id))
        #expect(try await program.send(.delete, "\(path)/\(id)").status == .noContent)
        #expect(try await program.get(path).json["items"] == [])
      }
    }
  }

  @Test func `another quota is asked for and given`() async throws {
    try await withAPI { program, _, _ in
      let path = "/projects/shop/quota-requests"
      let wish: JSON = [
        "quota": ["cpu": "6", "memory": "12Gi", "pods": 30, "storage": "10Gi"], "reason": "More",
      ]
      let asked = try await program.post(path, wish)
      #expect(asked.status == .created)
      #expect(try await program.send(.delete, path).status == .noContent)
      let id = try #require(try await program.post(path, wish).json["id"]?.string)
      let open = try await program.get("/admin/quota-requests")
      #expect(open.json["items"]?[0]?["id"] == .string(id))
      let given = try await program.post("/admin/quota-requests/\(id)/approval")
      #expect(given.json["quota"]?["cpu"] == "6")
      let late = try await program.post("/admin/quota-requests/\(id)/refusal", [:])
      #expect(late.status == .notFound)
      let list = try await program.get(path)
      #expect(list.json["items"]?[0]?["outcome"] == "approved")
      let set = try await program.send(
        .put, "/admin/projects/shop/quota",
        ["cpu": "5", "memory": "12Gi", "pods": 30, "storage": "10Gi"])
      #expect(set.json["quota"]?["cpu"] == "5")
      let second = try await program.post(path, wish)
      let other = try #require(second.json["id"]?.string)
      let refused = try await program.post(
        "/admin/quota-requests/\(other)/refusal", ["answer": "Full"])
      #expect(refused.status == .noContent)
    }
  }

  @Test func `admins see people, projects, cluster, use and audit, and change roles`() async throws
  {
    try await withAPI { program, _, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      let found = try await program.get("/admin/users?q=bob")
      let id = try #require(found.json["items"]?[0]?["id"]?.string)
      #expect(try await program.get("/admin/users/\(id)").json["name"] == "Bob")
      #expect(try await program.get("/admin/users?limit=1").json["next"] != .null)
      let changed = try await program.send(
        .patch, "/admin/users/\(id)", ["role": "admin", "suspended": true])
      #expect(changed.json["role"] == "admin")
      #expect(changed.json["suspendedAt"] != .null)
      let link = try await program.post("/admin/users/\(id)/reset-link")
      #expect(link.json["link"]?.string?.contains("/reset?link=") == true)
      #expect(try await program.get("/admin/users/nobody").status == .notFound)

      let projects = try await program.get("/admin/projects?q=shop")
      #expect(projects.json["items"]?[0]?["owners"] == ["Ann"])
      #expect(try await program.get("/admin/cluster").json["version"]?.string?.first == "v")
      #expect(try await program.get("/admin/usage").status == .ok)
      let audit = try await program.get("/admin/audit?action=account.suspend")
      #expect(audit.json["items"]?[0]?["target"] == "bob@example.net")
      #expect(try await program.get("/admin/audit?since=yesterday").fields == ["since"])
      #expect(try await program.get("/admin/audit?since=2026-01-01T00:00:00Z").status == .ok)
      let own = try await program.get("/projects/shop/audit?limit=1")
      #expect(own.json["items"]?[0]?["project"] == "shop")
    }
  }

  @Test func `of a change of somebody that is refused nothing is done`() async throws {
    try await withAPI { program, _, _ in
      let own = try #require(try await program.get("/me").json["id"]?.string)
      let both: JSON = ["role": "member", "suspended": true]
      let refused = try await program.send(.patch, "/admin/users/\(own)", both)
      #expect([.conflict, .forbidden].contains(refused.status), "\(refused.text)")
      let same = try await program.get("/admin/users/\(own)").json
      #expect(same["role"] == "admin" && same["suspendedAt"] == .null)
    }
  }

  @Test func `settings are read, changed, and not changed by who saw older ones`() async throws {
    try await withAPI { program, _, _ in
      let old = try await program.get("/admin/settings")
      let etag = try #require(old.headers[.eTag])
      #expect(old.json["prices"] == .null)
      let change: JSON = [
        "policy": ["banner": "Closed on Friday", "registries": ["ghcr.io", "docker.io/library"]],
        "prices": [
          "currency": "EUR", "coreHour": "0.031", "memoryHour": "0.004", "storageMonth": "0.1",
        ],
      ]
      let new = try await program.send(.put, "/admin/settings", change, [.ifMatch: etag])
      #expect(new.status == .ok, "\(new.text)")
      #expect(new.json["policy"]?["banner"] == "Closed on Friday")
      #expect(new.json["prices"]?["coreHour"] == "0.031")
      let late = try await program.send(.put, "/admin/settings", change, [.ifMatch: etag])
      #expect(late.status == .preconditionFailed)
      let wrong = try await program.send(
        .put, "/admin/settings", ["policy": ["registries": ["no registry"]]])
      #expect(wrong.fields == ["policy.registries"])
      let half = try await program.send(
        .put, "/admin/settings",
        [
          "policy": ["banner": "Half"],
          "prices": [
            "currency": "EUR", "coreHour": "dear", "memoryHour": "0.004", "storageMonth": "0.1",
          ],
        ])
      #expect(half.fields == ["prices.coreHour"])
      let kept = try await program.get("/admin/settings").json["policy"]?["banner"]
      #expect(kept == "Closed on Friday", "both or none")
    }
  }

  @Test func `tokens are made, listed and revoked by a session`() async throws {
    try await withAPI { program, ann, _ in
      #expect(
        try await program.post("/tokens", ["name": "x", "scope": "read", "days": 7]).status
          == .forbidden)
      let answer = try await ann.send("/api/v1/tokens", .get, [.accept: "*/*"])
      let list = try JSON(parsing: Array(answer.text.utf8))
      let id = try #require(list["items"]?[0]?["id"]?.string)
      #expect(list["items"]?[0]?["secret"] == nil)
      let revoked = try await ann.send(
        "/api/v1/tokens/\(id)", .delete,
        [Browser.fetchSite: "same-origin", APIServing.formToken: ann.token])
      #expect(revoked.status == .noContent)
      #expect(try await program.get("/me").status == .unauthorized)
    }
  }
}
