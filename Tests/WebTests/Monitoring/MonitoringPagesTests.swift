import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Templates
import TestSupport
import Testing

@testable import Web

struct MonitoringPagesTests {
  @Test func `project and application lead to their charts, and strangers find nothing`()
    async throws
  {
    try await withProject { ann, site in
      let plan = try await ann.post(
        "/projects/shop/apps/new",
        fields: [("name", "web"), ("image", "nginx:1.27"), ("port", "80"), ("replicas", "1")])
      try await ann.post("/projects/shop/apps/web/deploys", fields: plan.fields())
      let paths = ["/projects/shop/monitoring", "/projects/shop/apps/web/metrics"]
      #expect(try await ann.get("/projects/shop").text.contains("href=\"\(paths[0])\""))
      #expect(try await ann.get("/projects/shop/apps/web").text.contains("href=\"\(paths[1])\""))

      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      for path in paths {
        let page = try await ann.get("\(path)?range=7d")
        #expect(page.status == .ok)
        #expect(page.text.contains("7 days"))
        #expect(page.text.contains("No Prometheus is connected"))
        #expect(page.text.contains("/live?range=7d"))
        // What isn't a choice is what nothing was chosen.
        #expect(try await ann.get("\(path)?range=99y").text.contains("over 6 hours"))
        for part in ["", "/live", "?range=1h"] {
          #expect(try await bob.get(path + part).status == .notFound)
        }
      }
      #expect(try await ann.get("/projects/shop/apps/none/metrics").status == .notFound)
      #expect(try await ann.get("/projects/none/monitoring/live").status == .notFound)
    }
  }

  @Test func `the chosen time and pod stay in every link of the page`() {
    let link = Paths.metrics(of: "web", in: "shop", over: .day, pod: "a&b=\"c", as: .live)

    #expect(
      link.text == "/projects/shop/apps/web/metrics/live?range=24h&pod=a%26b%3D%22c")
    #expect(Paths.projectMonitoring("shop").text == "/projects/shop/monitoring")
    #expect(Paths.projectMonitoring("shop", over: .hour).text.hasSuffix("?range=1h"))
  }
}
