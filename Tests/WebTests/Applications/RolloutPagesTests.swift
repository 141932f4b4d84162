import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

struct RolloutPagesTests {
  @Test func `a rollout is watched from the first new pod to its end`() async throws {
    try await withProject { ann, _ in
      var web = [
        ("name", "web"), ("image", "nginx:1.27"), ("port", "80"), ("replicas", "2"),
        ("cpuRequest", "100m"), ("memoryRequest", "64Mi"), ("memoryLimit", "128Mi"),
      ]
      let first = try await ann.post("/projects/shop/apps/new", fields: web)
      try await ann.post("/projects/shop/apps/web/deploys", fields: first.fields())
      try await eventually("it serves") {
        try await ann.get("/projects/shop/apps/web").text.contains("Rolled out in")
      }

      web[1].1 = "broken:1"
      let second = try await ann.post("/projects/shop/apps/web/edit", fields: web)
      try await ann.post("/projects/shop/apps/web/deploys", fields: second.fields())
      try await eventually("old and new pods are told apart") {
        let page = try await ann.get("/projects/shop/apps/web").text
        return page.contains("0 of 2 new pods ready, 2 old pods still serving.")
          && page.contains(#"<span class="pod-group">old</span>"#)
          && page.contains(#"<span class="pod-group">new</span>"#)
          && page.contains("Old pods still serving")
          && page.contains(#"<p class="rollout-event">Pod web-"#)
      }
    }
  }
}
