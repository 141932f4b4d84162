import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

struct IsolationPagesTests {
  @Test func `the card says in words where pods may connect to`() async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.org")
      try await makeShop(ann)
      let page = try await ann.get("/projects/shop").text
      #expect(page.contains("Outgoing traffic is open: its pods may connect to any address."))
    }
    var settings = ManifestSettings()
    settings.egress = .closed(allowed: ["10.0.0.0/8"])
    try await withSandboxSite(settings: settings) { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.org")
      try await makeShop(ann)
      let page = try await ann.get("/projects/shop").text
      #expect(
        page.contains(
          "its pods may connect to each other, the cluster’s DNS and 10.0.0.0/8 only."))
    }
  }

  private func makeShop(_ ann: Browser) async throws {
    try await ann.get("/projects/new")
    try await ann.post(
      "/projects/new", ["name": "shop", "cpu": "2", "memory": "2Gi", "pods": "10"])
  }

  @Test func `the card says that all guards are in place, and which one went`() async throws {
    try await withProject { ann, site in
      try await eventually("the guards were checked") {
        try await ann.get("/projects/shop").text.contains("All guards in place")
      }
      _ = try await site.kubernetes.delete(
        .networkPolicy, name: "project", namespace: "shop", DeleteOptions())

      // A report is asked for anew after twenty seconds.
      try await eventually("the card is red", within: .seconds(50)) {
        try await ann.get("/projects/shop").text.contains("A guard is missing")
      }
      let page = try await ann.get("/projects/shop")
      #expect(page.text.contains("The NetworkPolicy is gone from the cluster."))

      let answer = try await ann.post("/projects/shop/guards", [:])

      #expect(answer.status == .seeOther)
      _ = try await site.kubernetes.getObject(
        .networkPolicy, name: "project", namespace: "shop")
      try await eventually("the card is green again") {
        try await ann.get("/projects/shop").text.contains("All guards in place")
      }
    }
  }
}
