import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

/// No page shows what was typed into a secret field, and nothing typed is lost.
@Suite struct SecretValuePagesTests {
  private static let marker = "Xq7-marker-<&\"'-value"
  private static let password = "Zk9-marker-token"

  private static let fields: [(String, String)] = [
    ("name", "web"), ("image", "nginx:1.27"), ("port", "80"), ("replicas", "1"),
    ("cpuRequest", "100m"), ("memoryRequest", "64Mi"), ("memoryLimit", "128Mi"),
    ("secretTarget", "PASSWORD"), ("secretValue", marker), ("secretSealed", ""),
    ("registryUser", "robot"), ("registryPassword", password), ("registrySealed", ""),
  ]

  /// Whether a page tells a value, in whatever way.
  private static func tells(_ text: String) -> Bool {
    [marker, password].contains { value in
      let plain = text.contains(value) || text.contains("marker")
      let encoded = Data(value.utf8).base64EncodedString().dropLast(4)
      return plain || text.contains(encoded)
    }
  }

  @Test func `no page on the way to a release shows a secret value, and all lead there`()
    async throws
  {
    try await withProject { ann, site in
      let refused = try await ann.post(
        "/projects/shop/apps/new", fields: Self.fields.map { ($0.0, $0.0 == "port" ? "0" : $0.1) })
      #expect(refused.status == .unprocessableContent)
      #expect(!Self.tells(refused.text))
      #expect(refused.text.contains("Typed, not shown"))
      #expect(refused.text.contains(#"value="PASSWORD""#))

      // The form as the browser would send it again, with the port mended.
      let again = refused.fields().map { ($0.0, $0.0 == "port" ? "80" : $0.1) }
      let plan = try await ann.post("/projects/shop/apps/new", fields: again)
      #expect(plan.status == .ok, "\(plan.text)")
      #expect(!Self.tells(plan.text))
      #expect(plan.text.contains("Secret"))
      let back = try await ann.post(
        "/projects/shop/apps/new", fields: plan.fields() + [("step", "form")])
      #expect(!Self.tells(back.text))
      #expect(back.text.contains("Typed, not shown"))

      try #require(try await ann.confirm(plan).status == .seeOther)
      let secret = try await Self.secret("PASSWORD", in: site)
      #expect(secret == Self.marker)
      for path in ["", "/edit", "/manifests", "/manifests.yaml"] {
        let page = try await ann.get("/projects/shop/apps/web\(path)")
        #expect(page.status == .ok)
        #expect(!Self.tells(page.text), "\(path) tells")
      }
      let edit = try await ann.get("/projects/shop/apps/web/edit")
      #expect(edit.text.contains("by Ann; type to replace it"))
    }
  }

  @Test func `a form of an ended session keeps all but the secret values`() async throws {
    try await withProject { ann, _ in
      let stale = try await ann.post(
        "/projects/shop/apps/new", fields: Self.fields + [("_token", "of another session")])

      #expect(stale.status == .forbidden)
      #expect(!Self.tells(stale.text))
      #expect(stale.text.contains("Secret values aren't kept"))
      #expect(stale.text.contains(#"name="image" value="nginx:1.27""#))
      let again = try await ann.post("/projects/shop/apps/new", fields: stale.fields())
      #expect(again.status == .unprocessableContent)
      #expect(again.text.contains("Type the value of “PASSWORD”."))
    }
  }

  private static func secret(_ key: String, in site: SandboxSite) async throws -> String? {
    let list = try await site.kubernetes.list(CoreV1.Secret.self, namespace: "shop")
    guard let name = list.items.first(where: { $0.keys.contains(key) })?.metadata.name else {
      return nil
    }
    let live = try await site.kubernetes.getObject(.secret, name: name, namespace: "shop")
    return live.at("data", key)?.string.flatMap { Data(base64Encoded: $0) }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
