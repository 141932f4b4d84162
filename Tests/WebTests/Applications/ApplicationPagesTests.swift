import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

@Suite struct ApplicationPagesTests {
  @Test func `an unknown application has a page that says so`() async throws {
    try await withProject { ann, _ in
      let page = try await ann.get("/projects/shop/apps/none")

      #expect(page.status == .notFound)
      #expect(page.text.contains("There is no application “none”"))
    }
  }

  @Test func `somebody who may only look sees why a button doesn't work`() async throws {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await site.database.write { connection in
        try connection.execute(
          """
          INSERT INTO memberships (project_id, user_id, role, created_at)
          SELECT p.id, u.id, 'viewer', 0 FROM projects p, users u WHERE u.name = 'Bob'
          """)
      }

      let page = try await bob.get("/projects/shop")
      let form = try await bob.post("/projects/shop/apps/new", ["name": "web"])

      #expect(page.status == .ok)
      #expect(
        page.text.contains(
          "Only editors and owners of this project may deploy. Ask Ann, who owns it."))
      #expect(form.status == .forbidden)
      #expect(form.text.contains("Only editors and owners of this project may deploy."))
    }
  }
}
