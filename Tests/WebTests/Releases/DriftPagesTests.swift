import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

struct DriftPagesTests {
  private static let web: [(String, String)] = [
    ("name", "web"), ("image", "nginx:1.27"), ("port", "80"), ("replicas", "1"),
    ("cpuRequest", "100m"), ("memoryRequest", "64Mi"), ("memoryLimit", "128Mi"),
  ]

  @Test func `a change by hand shows by itself, is explained, adopted or put back`() async throws {
    try await withProject { ann, site in
      let plan = try await ann.post("/projects/shop/apps/new", fields: Self.web)
      try await ann.post("/projects/shop/apps/web/deploys", fields: plan.fields())
      try await eventually("it serves") {
        try await ann.get("/projects/shop/apps/web/releases/1").text
          .contains("All replicas serve.")
      }
      let whole = try await ann.get("/projects/shop/apps/web/drift")
      #expect(whole.text.contains("Everything on the cluster is as release #1 says."))
      #expect(whole.text.contains("<h2>Nothing differs</h2>") && !whole.text.contains("Put back"))

      _ = try await site.kubernetes.mergePatch(
        ["spec": ["replicas": 3]], .deployment, name: "web", namespace: "shop",
        WriteOptions(fieldManager: "kubectl-edit"))

      try await eventually("the application's page tells", within: .seconds(30)) {
        try await ann.get("/projects/shop/apps/web").text
          .contains("kubectl-edit changed spec.replicas from 1 to 3 on the cluster.")
      }
      let drift = try await ann.get("/projects/shop/apps/web/drift")
      #expect(drift.text.contains("<code>spec.replicas</code>"))
      let form = try await ann.get("/projects/shop/apps/web/edit?adopt=1")
      #expect(form.text.contains("Filled in with what the cluster has."))
      #expect(form.fields().contains { $0.0 == "replicas" && $0.1 == "3" })
      let live = try await ann.get("/projects/shop/apps/web/live-manifests")
      #expect(live.text.contains("replicas: 3"))
      let yaml = try await ann.get("/projects/shop/apps/web/live.yaml")
      #expect(yaml.text.contains(#"kind: "Service""#) && !yaml.text.contains("managedFields"))

      try await ann.get("/projects/shop/apps/web/drift")
      let back = try await ann.post("/projects/shop/apps/web/put-back", ["release": "1"])
      #expect(back.headers[.location] == "/projects/shop/apps/web")
      try await eventually("nothing differs any more") {
        try await ann.get("/projects/shop/apps/web/drift").text
          .contains("Everything on the cluster is as release #2 says.")
      }
    }
  }

  @Test func `viewers see what differs and why they can't change it`() async throws {
    try await withProject { ann, site in
      let plan = try await ann.post("/projects/shop/apps/new", fields: Self.web)
      try await ann.post("/projects/shop/apps/web/deploys", fields: plan.fields())
      try await eventually("it serves") {
        try await ann.get("/projects/shop/apps/web/releases/1").text
          .contains("All replicas serve.")
      }
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      _ = try await site.kubernetes.delete(.service, name: "web", namespace: "shop")

      let page = try await bob.get("/projects/shop/apps/web/drift")
      #expect(page.text.contains("Service web"))
      #expect(page.text.contains("Only editors and owners of this project may deploy."))
      let refused = try await bob.post("/projects/shop/apps/web/put-back", ["release": "1"])
      #expect(refused.status == .forbidden)
      let form = try await bob.get("/projects/shop/apps/web/edit?adopt=1")
      #expect(form.status == .forbidden)
    }
  }
}
