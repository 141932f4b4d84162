import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Domain
@testable import Web

struct UsagePagesTests {
  private static let web: [(String, String)] = [
    ("name", "web"), ("image", "nginx:1.27"), ("port", "80"), ("replicas", "1"),
    ("cpuRequest", "1"), ("memoryRequest", "64Mi"), ("memoryLimit", "128Mi"),
  ]

  private static let prices: [(String, String)] = [
    ("isOn", "on"), ("currency", "EUR"), ("coreHour", "0.04"), ("memoryHour", "0.005"),
    ("storageMonth", "0.1"),
  ]

  private static func deployed(_ ann: Browser) async throws {
    let plan = try await ann.post("/projects/shop/apps/new", fields: Self.web)
    try await ann.post("/projects/shop/apps/web/deploys", fields: plan.fields())
    try await eventually("it serves") {
      try await ann.get("/projects/shop/apps/web/releases/1").text
        .contains("All replicas serve.")
    }
  }

  /// Two days in which `web` asked for one core and used 120m of it.
  private static func countTwoDays(_ site: SandboxSite) async throws {
    let domain = site.services.domain
    let hour = Date().start(of: 3600)
    try await site.database.writing { connection in
      let all = try domain.applications.references(in: connection)
      let web = try #require(all.first { $0.name == "web" })
      let sample = UsageSample(
        application: web, requested: ResourceAmount(cpu: 1000, memory: 64 * 1024),
        used: [ResourceAmount(cpu: 120, memory: 60 * 1024)])
      for index in 1...48 {
        try UsageStore().add(
          sample, seconds: 3600, at: hour.addingTimeInterval(-3600 * Double(index)), in: connection)
      }
    }
  }

  @Test func `use, a hint and the arithmetic of the cost are shown, and lead to the form`()
    async throws
  {
    try await withProject { ann, site in
      #expect(
        try await ann.get("/projects/shop/usage").text.contains("Nothing counted yet"))
      try await Self.deployed(ann)
      try await Self.countTwoDays(site)
      let free = try await ann.get("/projects/shop/usage?range=7d")
      #expect(free.text.contains("web") && !free.text.contains("EUR"))
      #expect(!free.text.contains("Cost of"))

      try await ann.get("/admin/settings")
      let saved = try await ann.post("/admin/settings/prices", fields: Self.prices)
      #expect(saved.headers[.location] == "/admin/settings")
      try await site.services.domain.usage.sampler.sample()
      let page = try await ann.get("/projects/shop/usage?range=7d")

      // 48 × 0.04 = 1.92; 48 × 0.0625 × 0.005 = 0.015
      #expect(page.text.contains("48 core hours"))
      #expect(page.text.contains("3 GiB hours"))
      #expect(page.text.contains("1.94 EUR"))
      #expect(page.text.contains("A request of 200m would do."))
      #expect(page.text.contains("/projects/shop/apps/web/edit?focus=cpuRequest"))
      let all = try await ann.get("/admin/usage?range=7d")
      #expect(all.text.contains("shop") && all.text.contains("12 %"))
      #expect(all.text.contains("1.94 EUR"))
    }
  }

  @Test func `members see their own projects' cost and nothing of admins`() async throws {
    try await withProject { ann, site in
      try await Self.deployed(ann)
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")

      #expect(try await bob.get("/projects/shop/usage").status == .notFound)
      #expect(try await bob.get("/admin/usage").status == .forbidden)
      #expect(try await bob.get("/admin/settings").status == .forbidden)
      let post = try await bob.post("/admin/settings/prices", fields: Self.prices)
      #expect(post.status == .forbidden)

      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      let page = try await bob.get("/projects/shop/usage")
      #expect(page.status == .ok)
    }
  }

  @Test func `a price list that is wrong or was changed meanwhile comes back as it was typed`()
    async throws
  {
    try await withProject { ann, _ in
      try await ann.get("/admin/settings")
      let wrong = try await ann.post(
        "/admin/settings/prices",
        fields: Self.prices.map { $0.0 == "coreHour" ? ("coreHour", "4 cents") : $0 })
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains(#"value="4 cents""#))
      #expect(wrong.text.contains("Write an amount from 0 to 1,000,000"))

      let first = try await ann.get("/admin/settings").fields().filter { $0.0 == "version" }
      try await ann.post("/admin/settings/prices", fields: Self.prices)
      let stale = try await ann.post(
        "/admin/settings/prices",
        fields: first + Self.prices.map { $0.0 == "coreHour" ? ("coreHour", "0.09") : $0 })
      #expect(stale.status == .unprocessableContent)
      #expect(stale.text.contains("changed this setting while you did."))
      #expect(stale.text.contains("It is now: 0.04 a core and hour"))
      #expect(stale.text.contains(#"value="0.09""#))
    }
  }
}
