import Domain
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

/// Releases, the way back, and the buttons of an application's page.
@Suite struct ReleasePagesTests {
  private static let web: [(String, String)] = [
    ("name", "web"), ("image", "nginx:1.27"), ("port", "80"), ("replicas", "1"),
    ("cpuRequest", "100m"), ("memoryRequest", "64Mi"), ("memoryLimit", "128Mi"),
  ]

  /// Deploys nginx:1.27 as release 1 and nginx:1.28 as release 2, and waits for both.
  static func deployTwice(_ ann: Browser) async throws {
    for (number, image) in ["nginx:1.27", "nginx:1.28"].enumerated() {
      let path = number == 0 ? "/projects/shop/apps/new" : "/projects/shop/apps/web/edit"
      let plan = try await ann.post(
        path, fields: web.map { ($0.0, $0.0 == "image" ? image : $0.1) })
      let pairs = plan.fields().map { ($0.0, $0.0 == "message" ? "Why \(number + 1)" : $0.1) }
      try #require(
        try await ann.post("/projects/shop/apps/web/deploys", fields: pairs).status == .seeOther)
      try await eventually("release \(number + 1)") {
        try await ann.get("/projects/shop/apps/web/releases/\(number + 1)").text
          .contains("All replicas serve.")
      }
    }
  }

  @Test func `the list tells message and outcome, and a release what it changed`() async throws {
    try await withProject { ann, _ in
      try await Self.deployTwice(ann)

      let list = try await ann.get("/projects/shop/apps/web/releases").text
      #expect(list.contains("Why 1") && list.contains("Why 2"))
      #expect(list.contains("/projects/shop/apps/web/releases/1/rollback"))
      #expect(!list.contains("/projects/shop/apps/web/releases/2/rollback"), "it is the newest")
      let second = try await ann.get("/projects/shop/apps/web/releases/2").text
      #expect(second.contains("From #1 to #2:"))
      #expect(second.contains("spec.template.spec.containers[app].image"))
      #expect(second.contains("sha256:"), "the image that ran")
      let first = try await ann.get("/projects/shop/apps/web/releases/1?against=2").text
      #expect(first.contains("From #1 to #2:"))
      for path in ["3", "0", "x", "1?against=9"] {
        let answer = try await ann.get("/projects/shop/apps/web/releases/\(path)")
        #expect(answer.status == .notFound, "\(path)")
      }
    }
  }

  @Test func `going back shows a plan and takes one click`() async throws {
    try await withProject { ann, site in
      try await Self.deployTwice(ann)

      let plan = try await ann.get("/projects/shop/apps/web/releases/1/rollback")
      #expect(plan.text.contains("Roll web back to release #1"))
      #expect(plan.text.contains("nginx:1.27@sha256:"))
      let path = "/projects/shop/apps/web/releases/1/rollback"
      let moved = try await ann.post(path, fields: [("plan", "of another time")])
      #expect(moved.status == .conflict)
      #expect(moved.text.contains("nothing was written"))
      let answer = try await ann.post(path, fields: plan.fields())
      #expect(answer.headers[.location] == "/projects/shop/apps/web")
      let again = try await ann.post(path, fields: plan.fields())
      #expect(again.status == .seeOther)

      try await eventually("release 3") {
        try await ann.get("/projects/shop/apps/web/releases").text.contains("Back to release #1")
      }
      #expect(try await ann.get("/projects/shop/apps/web/releases/4").status == .notFound)
      let live = try await site.kubernetes.getObject(.deployment, name: "web", namespace: "shop")
      _ = live
    }
  }

  @Test func `the buttons change what they say, and a mistake is told`() async throws {
    try await withProject { ann, _ in
      try await Self.deployTwice(ann)
      func press(_ action: String, _ fields: [(String, String)]) async throws -> String {
        let answer = try await ann.post("/projects/shop/apps/web/\(action)", fields: fields)
        #expect(answer.status == .seeOther)
        return try await ann.get("/projects/shop/apps/web").text
      }

      let wrong = try await press("scale", [("replicas", "many"), ("release", "2")])
      #expect(wrong.contains("The number of replicas is a whole number from 0 to 100"))
      let late = try await press("scale", [("replicas", "2"), ("release", "1")])
      #expect(late.contains("was deployed since you looked"))
      let scaled = try await press("scale", [("replicas", "2"), ("release", "2")])
      #expect(scaled.contains("Scaled to 2: release #3 was started."))
      let stopped = try await press("stop", [("release", "3")])
      #expect(stopped.contains("Stopped: release #4 was started."))
      #expect(stopped.contains("/projects/shop/apps/web/start"))
      let started = try await press("start", [("release", "4")])
      #expect(started.contains("Started again: release #5 was started."))
      let restarted = try await press("restart", [("release", "5")])
      #expect(restarted.contains("Restarted: release #6 was started."))
      try await eventually("it is through") {
        try await ann.get("/projects/shop/apps/web/releases/6").text
          .contains("All replicas serve.")
      }
      let pause = try await press("pause", [("release", "6")])
      #expect(pause.contains("isn&#39;t rolling out any more"))
    }
  }

  @Test func `who edits beside somebody else is told, and loses neither change`() async throws {
    try await withProject { ann, _ in
      try await Self.deployTwice(ann)
      func edit(_ changes: [String: String], on page: TestResponse) async throws -> TestResponse {
        try await ann.post(
          "/projects/shop/apps/web/edit",
          fields: page.fields().map { ($0.0, changes[$0.0] ?? $0.1) })
      }
      let opened = try await ann.get("/projects/shop/apps/web/edit")
      // Meanwhile the replicas change.
      try await ann.get("/projects/shop/apps/web")
      try #require(
        try await ann.post(
          "/projects/shop/apps/web/scale", fields: [("replicas", "3"), ("release", "2")]
        ).status == .seeOther)

      let both = try await edit(["image": "nginx:1.29"], on: opened)
      #expect(both.status == .ok)
      #expect(both.text.contains("deployed release #3 while you were editing"))
      #expect(both.text.contains("nginx:1.29"))
      #expect(both.fields().contains { $0 == ("replicas", "3") })

      let clash = try await edit(["replicas": "4"], on: opened)
      #expect(clash.status == .unprocessableContent)
      #expect(clash.text.contains("It is “3” by now"))
      #expect(
        clash.text.contains(#"name="replicas" value="4""#)
          || clash.fields().contains { $0 == ("replicas", "4") })
      let again = try await edit([:], on: clash)
      #expect(again.status == .ok, "it was asked once")
      #expect(!again.text.contains("while you were editing"))
      #expect(try await ann.confirm(again).status == .seeOther)
      let twice = try await ann.confirm(again)
      #expect(twice.status == .seeOther, "a second click finds the same release")
    }
  }

  @Test func `an application is deleted by its name, restored, and removed for good`()
    async throws
  {
    try await withProject { ann, _ in
      try await Self.deployTwice(ann)
      let own = "/projects/shop/apps/web"
      let settings = try await ann.get("\(own)/settings")
      #expect(settings.text.contains("Deployment web"))
      let wrong = try await ann.post("\(own)/delete", ["confirmation": "shop"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains("Type “web” to confirm"))

      let deleted = try await ann.post("\(own)/delete", ["confirmation": "web"])
      #expect(deleted.headers[.location] == "/projects/shop")
      let project = try await ann.get("/projects/shop").text
      #expect(project.contains("can be restored for 7 days"))
      #expect(project.contains("\(own)/restore"))
      #expect(try await ann.get(own).status == .notFound)
      #expect(try await ann.get("\(own)/settings").status == .notFound)

      #expect(try await ann.post("\(own)/restore", [:]).headers[.location] == "\(own)")
      #expect(try await ann.get(own).text.contains("Restored"))
      try await ann.get("\(own)/settings")
      try #require(
        try await ann.post("\(own)/delete", ["confirmation": "web"]).status == .seeOther)
      #expect(try await ann.get("\(own)/remove").text.contains("There is no way back."))
      let gone = try await ann.post("\(own)/remove", ["confirmation": "web"])
      #expect(gone.status == .seeOther)
      try await eventually("it is gone") {
        try await !ann.get("/projects/shop").text.contains("Deleted applications")
      }
      #expect(try await ann.get("\(own)/remove").status == .notFound)
    }
  }
}
