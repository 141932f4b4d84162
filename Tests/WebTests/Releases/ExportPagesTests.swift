import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

struct ExportPagesTests {
  private func withDeployed(
    _ test: @escaping @Sendable (Browser) async throws -> Void
  ) async throws {
    try await withProject { ann, _ in
      let fields: KeyValuePairs = ["name": "web", "image": "nginx:1.27", "port": "80"]
      let plan = try await ann.post("/projects/shop/apps/new", fields)
      let hash = try #require(plan.text.firstMatch(of: /name="plan" value="([0-9a-f]+)"/)).1
      let answer = try await ann.post(
        "/projects/shop/apps/web/deploys",
        ["name": "web", "image": "nginx:1.27", "port": "80", "plan": String(hash)])
      try #require(answer.status == .seeOther, "\(answer.text)")
      try await test(ann)
    }
  }

  @Test func `an application's manifests are downloaded as YAML`() async throws {
    try await withDeployed { ann in
      let answer = try await ann.get("/projects/shop/apps/web/manifests.yaml")

      #expect(answer.status == .ok)
      #expect(answer.headers[.contentType] == "application/yaml")
      #expect(answer.headers[.contentDisposition] == "attachment; filename=\"web.yaml\"")
      let kinds = try JSONValue.yamlDocuments(answer.text).compactMap { $0["kind"]?.string }
      #expect(kinds == ["Service", "Deployment"])
    }
  }

  @Test func `a project is downloaded as a chart`() async throws {
    try await withDeployed { ann in
      let answer = try await ann.get("/projects/shop/chart.tgz")

      #expect(answer.status == .ok)
      #expect(answer.headers[.contentDisposition] == "attachment; filename=\"shop-1.0.1.tgz\"")
      #expect(answer.text.contains("shop/templates/web-deployment.yaml"))
    }
  }

  @Test func `the pages lead to the downloads`() async throws {
    try await withDeployed { ann in
      let project = try await ann.get("/projects/shop")
      let manifests = try await ann.get("/projects/shop/apps/web/manifests")

      #expect(project.text.contains("href=\"/projects/shop/chart.tgz\""))
      #expect(project.text.contains("href=\"/projects/shop/manifests.yaml\""))
      #expect(manifests.text.contains("href=\"/projects/shop/apps/web/chart.tgz\""))
    }
  }
}
