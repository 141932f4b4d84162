import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct DeployHelpTests {
  @Test func `an example is filled in by one click, and deploys as it is`() async throws {
    try await withProject { ann, _ in
      let empty = try await ann.get("/projects/shop/apps/new").text
      #expect(empty.contains(#"href="/projects/shop/apps/new?example=1""#))

      let form = try await ann.get("/projects/shop/apps/new?example=1").text
      #expect(form.contains(#"value="nginx:1.27""#) && form.contains(#"value="hello""#))
      #expect(!form.contains("?example=1\""))
      let fields = [
        "name": "hello", "image": "nginx:1.27", "port": "80", "replicas": "1",
        "cpuRequest": "100m", "memoryRequest": "128Mi", "memoryLimit": "256Mi",
      ]
      let plan = try await ann.post("/projects/shop/apps/new", fields: fields.map { ($0, $1) })
      #expect(plan.text.contains("Review release #1 of hello"))
      #expect(plan.text.contains(#"data-forget-draft="shop/""#))
    }
  }

  @Test func `a size fills in its fields and keeps the rest, and says what it takes`() async throws
  {
    try await withProject { ann, _ in
      try await eventually("the quota is counted") {
        try await ann.get("/projects/shop/apps/new").text.contains("quota-share")
      }
      let form = try await ann.post(
        "/projects/shop/apps/new",
        ["name": "web", "image": "nginx:1.27", "replicas": "2", "step": "preset-medium"]
      ).text

      #expect(form.contains(#"value="web""#) && form.contains(#"value="nginx:1.27""#))
      #expect(form.contains(#"name="cpuRequest" type="text" value="250m""#))
      #expect(form.contains(#"name="memoryLimit" type="text" value="512Mi""#))
      #expect(form.contains(#"value="preset-medium" data-preset"#))
      #expect(form.matches(of: #/aria-pressed="true"/#).count == 1)
      #expect(form.contains("<strong data-needed>500m</strong>"))
      let huge = try await ann.post(
        "/projects/shop/apps/new",
        ["name": "web", "image": "nginx", "replicas": "90", "step": "preset-large"]
      ).text
      #expect(huge.contains("quota-share quota-over"))
    }
  }

  @Test func `a registry that can't be asked is told, and nothing typed is lost`() async throws {
    try await withProject { ann, _ in
      let form = try await ann.post(
        "/projects/shop/apps/new",
        ["name": "web", "image": "127.0.0.1:1/team/app:3", "step": "tags"]
      )
      #expect(form.status == .ok)
      #expect(form.text.contains("The registry 127.0.0.1:1 doesn&#39;t tell its tags."))
      #expect(form.text.contains(#"value="127.0.0.1:1/team/app:3""#))
      let data = try await ann.get("/projects/shop/tags?image=127.0.0.1:1/team/app")
      #expect(data.status == .ok && data.text == #"{"tags":[]}"#)
      let wrong = try await ann.post(
        "/projects/shop/apps/new", ["name": "web", "image": "No Image", "step": "tags"]
      ).text
      #expect(wrong.contains("An image reference has no spaces"))
    }
  }
}
