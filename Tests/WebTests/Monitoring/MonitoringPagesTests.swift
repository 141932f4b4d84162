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

  @Test func `an open page gets new charts without asking`() async throws {
    try await withProject(.live, hasPrometheus: true) { ann, site in
      let port = try #require(site.client.port)
      let cookie = try #require(ann.cookies["babyhelm"])
      let request = "GET /projects/shop/monitoring/live?range=1h HTTP/1.1\r\n"
      let headers = "Host: localhost\r\nCookie: babyhelm=\(cookie)\r\n\r\n"

      let answer = try await RawConnection.exchange(
        [request + headers], port: port, patience: .seconds(60),
        until: { $0.contains("data: <div id=\"charts\"") })

      #expect(answer.hasPrefix("HTTP/1.1 200"))
      #expect(answer.contains("event: fragment\ndata: <div id=\"charts\""))
    }
  }

  @Test func `who looks around sees the charts of a demo, and of nothing else`() async throws {
    try await withProject(hasPrometheus: true) { ann, site in
      try await VisitPagesTests.turnOn(ann)
      try await ann.get("/projects/new")
      try await ann.post(
        "/projects/new", ["name": "backstage", "cpu": "1", "memory": "1Gi", "pods": "5"])
      try await ann.get("/projects/shop/settings")
      try await ann.post("/projects/shop/demo", ["isDemo": "on"])
      let stranger = Browser(site.client)
      try await eventually("the button is there") {
        try await stranger.get("/").text.contains("Look around")
      }
      try await stranger.post("/visit", [:])

      let charts = try await stranger.get("/projects/shop/monitoring")

      #expect(charts.status == .ok)
      #expect(charts.text.contains("id=\"charts\""))
      #expect(!charts.text.contains("ann@example") && !charts.text.contains("backstage"))
      for path in ["monitoring", "monitoring/live", "alerts", "grafana"] {
        #expect(
          try await stranger.get("/projects/backstage/\(path)").status == .notFound, "\(path)")
      }
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
