import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct ListPagesTests {
  @Test func `what a list shows and its order stay in the address`() async throws {
    try await withProject { ann, _ in
      try await ann.confirm(try await ann.post("/projects/shop/apps/new", DeployPagesTests.web))

      let found = try await ann.get("/projects/shop?q=WE&sort=changed").text
      #expect(found.contains(#"href="/projects/shop/apps/web""#))
      #expect(found.contains(#"data-live="/projects/shop/live?q=WE&amp;sort=changed&amp;page=1""#))
      #expect(found.contains(#"href="/projects/shop?q=WE&amp;sort=health&amp;page=1""#))
      let none = try await ann.get("/projects/shop?q=nothing").text
      #expect(none.contains("No application is called “nothing”"))
      #expect(none.contains(#"value="nothing""#))
      let usual = try await ann.get("/projects/shop?sort=odd").text
      #expect(usual.contains(#"data-live="/projects/shop/live""#))
      #expect(usual.contains(#"href="/projects/shop?q=&amp;sort=changed&amp;page=1""#))
    }
  }

  @Test func `the project list tells at a glance whether anything is wrong`() async throws {
    try await withProject { ann, _ in
      #expect(try await ann.get("/projects").text.contains("Nothing is wrong"))
      var values = DeployPagesTests.web.map { ($0.key, $0.value) }
      values.removeAll { $0.0 == "image" }
      values.append(("image", "registry.example.com/broken:1"))
      try await ann.confirm(try await ann.post("/projects/shop/apps/new", fields: values))
      try await ann.get("/projects/new")
      try await ann.post(
        "/projects/new", ["name": "alpha", "cpu": "1", "memory": "1Gi", "pods": "5"])

      try await eventually("the failure is told") {
        try await ann.get("/projects").text.contains("1 fails")
      }
      let page = try await ann.get("/projects").text
      let (shop, alpha) = (
        try #require(page.range(of: #"href="/projects/shop""#)),
        try #require(page.range(of: #"href="/projects/alpha""#))
      )
      #expect(shop.lowerBound < alpha.lowerBound, "what fails is first")
      let named = try await ann.get("/projects?sort=name").text
      #expect(
        try #require(named.range(of: #"href="/projects/alpha""#)).lowerBound
          < #require(named.range(of: #"href="/projects/shop""#)).lowerBound)
      #expect(!(try await ann.get("/projects?q=alp").text).contains(#"href="/projects/shop""#))
    }
  }

  @Test func `an application's page says the one thing to do next`() async throws {
    try await withProject { ann, _ in
      try await ann.confirm(try await ann.post("/projects/shop/apps/new", DeployPagesTests.web))
      try await eventually("nothing is left to do") {
        try await ann.get("/projects/shop/apps/web").text.contains("Nothing to do")
      }
      var values = DeployPagesTests.web.map { ($0.key, $0.value) }
      values.removeAll { $0.0 == "image" }
      values.append(("image", "registry.example.com/broken:1"))
      try await ann.get("/projects/shop/apps/web/edit")
      try await ann.confirm(try await ann.post("/projects/shop/apps/web/edit", fields: values))
      try await eventually("the cure or the way back") {
        let page = try await ann.get("/projects/shop/apps/web").text
        return page.contains("Change the image</a></strong>")
          || page.contains("Roll back to release #1</a></strong>")
      }
    }
  }
}
