import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct DiagnosisPagesTests {
  private static let values = [
    "name": "web", "image": "crash:1", "port": "80", "replicas": "1", "cpuRequest": "100m",
    "memoryRequest": "64Mi", "memoryLimit": "128Mi",
  ]

  @Test func `the diagnosis shows the last lines and leads to the open field`() async throws {
    try await withProject { ann, site in
      let plan = try await ann.post(
        "/projects/shop/apps/new", fields: Self.values.map { ($0, $1) })
      try await ann.confirm(plan)

      // The container starts again and again, and the next page may be of such a moment.
      var page = ""
      try await eventually("the diagnosis with its last lines") {
        page = try await ann.get("/projects/shop/apps/web").text
        return page.contains("starts and ends again with exit code 1")
          && page.contains("configuration is missing")
      }
      #expect(page.contains("The last lines of its log"))
      let link = "/projects/shop/apps/web/edit?focus=environment#field-environment"
      #expect(page.contains(#"href="\#(link)""#), "\(page)")
      #expect(page.contains("Change the environment variables"))

      let form = try await ann.get("/projects/shop/apps/web/edit?focus=environment").text
      #expect(form.contains("<details class=\"fold\" open>\n<summary>Environment"))
      #expect(form.contains(#"id="field-environment""#))
      #expect(form.contains(##"cured here: <a href="#field-environment">"##))
      let usual = try await ann.get("/projects/shop/apps/web/edit").text
      #expect(!usual.contains("cured here"))
    }
  }

  @Test func `every field that a diagnosis names is there, and its fold is open`() async throws {
    try await withProject { ann, _ in
      let values = Self.values.merging(["image": "nginx:1.27"]) { $1 }
      try await ann.confirm(
        try await ann.post("/projects/shop/apps/new", fields: values.map { ($0, $1) }))
      for field in Diagnosis.Field.allCases {
        let page = try await ann.get("/projects/shop/apps/web/edit?focus=\(field.rawValue)")
        let form = page.text
        let mark = try #require(
          form.range(of: "id=\"field-\(field.rawValue)\""), "no field \(field)")
        let before = form[..<mark.lowerBound]
        let fold = before.range(of: "<details class=\"fold\"", options: .backwards)
        let end = before.range(of: "</details>", options: .backwards)
        if let fold, end.map({ $0.lowerBound < fold.lowerBound }) ?? true {
          #expect(before[fold.upperBound...].hasPrefix(" open"), "\(field)")
        }
      }
      let odd = try await ann.get("/projects/shop/apps/web/edit?focus=%3Cb%3E")
      #expect(odd.status == .ok && !odd.text.contains("cured here"))
    }
  }

  @Test func `who may only look sees the diagnosis without the way to change it`() async throws {
    try await withProject { ann, site in
      let values = Self.values.merging(["image": "registry.example.com/broken:1"]) { $1 }
      try await ann.confirm(
        try await ann.post("/projects/shop/apps/new", fields: values.map { ($0, $1) }))
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await site.database.write { connection in
        try connection.execute(
          """
          INSERT INTO memberships (project_id, user_id, role, created_at)
          SELECT p.id, u.id, 'viewer', 0 FROM projects p, users u WHERE u.name = 'Bob'
          """)
      }

      try await eventually("the diagnosis") {
        try await bob.get("/projects/shop/apps/web").text.contains("can&#39;t be pulled")
      }
      let page = try await bob.get("/projects/shop/apps/web").text
      #expect(!page.contains("focus=image"))
      let hers = try await ann.get("/projects/shop/apps/web").text
      #expect(hers.contains("edit?focus=image#field-image"))
      #expect(hers.contains("Change the image"))
    }
  }
}
