import Foundation
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

@Suite struct PolicyPagesTests {
  private static func policy(_ changed: [String: String] = [:]) -> [(String, String)] {
    standard.merging(changed) { $1 }.map { ($0.key, $0.value) }
  }

  private static let standard = [
    "version": "0", "registration": "open", "cpu": "2", "memory": "4Gi", "pods": "20",
    "storage": "10Gi", "projectsPerPerson": "5", "replicas": "10", "registries": "ghcr.io",
    "reservedNames": "www", "banner": "<b>Maintenance</b> & more",
  ]

  @Test func `an admin decides what holds for everybody, and a mistake loses nothing`()
    async throws
  {
    try await withSite { client, _ in
      let (admin, bob) = (Browser(client), Browser(client))
      try await admin.register(name: "Ada", email: "ada@example.net")
      try await bob.register(name: "Bob", email: "bob@example.net")
      #expect(try await bob.get("/admin/settings").status == .forbidden)
      try await admin.get("/admin/settings")

      let wrong = try await admin.post(
        "/admin/settings/policy",
        fields: Self.policy(["replicas": "0", "registries": "no registry"]))
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains("no registry</textarea>"))
      #expect(wrong.text.contains(##"href="#field-registries""##))
      let done = try await admin.post("/admin/settings/policy", fields: Self.policy())
      #expect(done.headers[.location] == "/admin/settings")

      let page = try await bob.get("/projects/new")
      #expect(page.text.contains("&lt;b&gt;Maintenance&lt;/b&gt; &amp; more"))
      #expect(page.text.contains(#"name="cpu" type="text" value="2""#))
      let stranger = try await Browser(client).get("/login")
      #expect(stranger.text.contains("&lt;b&gt;Maintenance"))
      let clash = try await admin.post("/admin/settings/policy", fields: Self.policy())
      #expect(clash.status == .unprocessableContent)
      #expect(clash.text.contains("Another admin changed the policy"))
    }
  }

  @Test func `an owner asks for a larger quota and an admin gives it`() async throws {
    try await withProject { admin, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      #expect(try await bob.get("/projects/shop/quota").status == .notFound)
      try await admin.get("/projects/shop/members")
      try await admin.post(
        "/projects/shop/members", ["email": "bob@example.net", "role": "owner"])

      let ask = try await bob.get("/projects/shop/quota")
      #expect(ask.text.contains("Ask the admins"))
      let asked = try await bob.post(
        "/projects/shop/quota",
        ["cpu": "8", "memory": "16Gi", "pods": "50", "storage": "50Gi", "reason": "=the sale"])
      #expect(asked.headers[.location] == "/projects/shop/quota")
      #expect(try await admin.get("/admin/projects").text.contains("Waiting for your decision"))
      let page = try await admin.get("/projects/shop/quota")
      #expect(page.text.contains("“=the sale”"))
      let request = try #require(
        page.text.firstMatch(of: #/name="request" value="([^"]+)"/#)?.1)
      let decision = [
        ("request", String(request)), ("decision", "approve"), ("answer", "fine"),
      ]
      #expect(
        try await bob.post("/projects/shop/quota/decision", fields: decision).status == .forbidden)
      let done = try await admin.post("/projects/shop/quota/decision", fields: decision)
      #expect(done.headers[.location] == "/projects/shop/quota")
      let after = try await bob.get("/projects/shop/quota")
      #expect(after.text.contains("8 CPUs, 16Gi of memory"))
      #expect(after.text.contains("Approved"))
      let again = try await admin.post("/projects/shop/quota/decision", fields: decision)
      #expect(again.status == .unprocessableContent)

      let set = try await admin.post(
        "/projects/shop/quota",
        ["cpu": "x", "memory": "16Gi", "pods": "50", "storage": "50Gi"])
      #expect(set.status == .unprocessableContent)
      #expect(set.text.contains(#"value="x""#))
    }
  }

  @Test func `admins see all projects and the cluster, others neither`() async throws {
    try await withProject { admin, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      let projects = try await admin.get("/admin/projects?q=SHO")
      #expect(projects.text.contains("/projects/shop/quota"))
      #expect(try await admin.get("/admin/projects?q=%25").text.contains("Nothing found"))
      let cluster = try await admin.get("/admin/cluster")
      #expect(cluster.text.contains("Kubernetes v1."))
      #expect(cluster.text.contains("every right that it needs"))
      #expect(cluster.text.contains("Ready"))
      for path in ["/admin/projects", "/admin/cluster"] {
        #expect(try await bob.get(path).status == .forbidden, "\(path)")
      }
    }
    try await withSite { client, _ in
      let admin = Browser(client)
      try await admin.register(name: "Ada", email: "ada@example.net")
      let nowhere = try await admin.get("/admin/cluster")
      #expect(nowhere.status == .ok)
      #expect(nowhere.text.contains("class=\"warning\""))
    }
  }

  @Test func `a kubeconfig that can't be read any more is told until it is mended`() async throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "kubeconfig-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let whole = """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
      users: [{name: u, user: {token: hunter2}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      current-context: x
      """
    try whole.write(toFile: file, atomically: true, encoding: .utf8)
    let configuration = try Kubeconfig.load(paths: [file])
    try await withSite(clusterConfiguration: configuration) { client, _ in
      let admin = Browser(client)
      try await admin.register(name: "Ada", email: "ada@example.net")
      let sentence = "The kubeconfig changed and can&#39;t be used"
      #expect(try await !admin.get("/admin/cluster").text.contains(sentence))

      try String(whole.prefix(60)).write(toFile: file, atomically: true, encoding: .utf8)
      try await eventually("the mistake is told") {
        let page = try await admin.get("/admin/cluster").text
        #expect(!page.contains("hunter2"))
        return page.contains(sentence) && page.contains("Mend it on the server: ")
      }

      try whole.write(toFile: file, atomically: true, encoding: .utf8)
      try await eventually("it is mended") {
        try await !admin.get("/admin/cluster").text.contains(sentence)
      }
    }
  }
}
