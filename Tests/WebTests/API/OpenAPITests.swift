import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct OpenAPITests {
  @Test func `every route below /api is declared, and every declaration is served`() async throws {
    try await withSandboxSite { site in
      let router = SiteRouter.make(site: Site(), services: site.services)
      let declared = Set(
        APIRoutes.all(site.services).map { "\($0.method) \(APIRoute.base)\($0.path)" })
      let served = Set(
        router.routes.map { "\($0.method) /\($0.path.description.drop { $0 == "/" })" })
      #expect(declared.isSubset(of: served), "\(declared.subtracting(served))")
      let document = OpenAPIDocument(routes: APIRoutes.all(site.services)).json
      for route in APIRoutes.all(site.services) {
        let operation = document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
        #expect(operation?["operationId"]?.string == route.id)
      }
    }
  }

  @Test func `each call has its own id, an answer, and every refusal that it can give`()
    async throws
  {
    try await withSandboxSite { site in
      let routes = APIRoutes.all(site.services)
      #expect(routes.count > 60)
      #expect(Set(routes.map(\.id)).count == routes.count)
      #expect(Set(routes.map { "\($0.method) \($0.path)" }).count == routes.count)
      for route in routes {
        let operation = OpenAPIDocument.operation(route)
        let responses = Set((operation["responses"]?.object ?? []).map(\.key))
        #expect(!route.answers.isEmpty, "\(route.id)")
        for status in route.refusals {
          #expect(responses.contains("\(status.code)"), "\(route.id)")
        }
        if route.asks != .nobody { #expect(responses.contains("401"), "\(route.id)") }
        #expect(responses.contains("500") && responses.contains("503"))
        if !route.pathParameters.isEmpty { #expect(responses.contains("404"), "\(route.id)") }
        for status in route.refusals {
          #expect(OpenAPIDocument.problems.contains(status), "\(route.id): \(status)")
        }
        let ids = Set(routes.map(\.id))
        for link in route.answers.flatMap(\.links) { #expect(ids.contains(link.id)) }
      }
    }
  }

  @Test func `every example fits its schema, and every name means one schema`() async throws {
    try await withSandboxSite { site in
      let routes = APIRoutes.all(site.services)
      var definitions: [String: JSON] = [:]
      for route in routes {
        let bodies = route.body.map { [$0] } ?? []
        for schema in bodies + route.answers.compactMap(\.schema) {
          let mistakes = schema.mistakes(in: schema.sample)
          #expect(mistakes.isEmpty, "\(route.id): \(mistakes)")
          for named in schema.named {
            let name = named.name ?? ""
            #expect(definitions[name] ?? named.definition == named.definition, "\(name)")
            definitions[name] = named.definition
          }
        }
        for parameter in route.query {
          #expect(
            parameter.schema.mistakes(in: parameter.schema.sample).isEmpty,
            "\(route.id): \(parameter.name)")
        }
      }
    }
  }

  @Test func `the document and the reference are there for everybody`() async throws {
    try await withSandboxSite { site in
      let stranger = Browser(site.client)
      let document = try await stranger.get("/api/v1/openapi.json")
      #expect(document.headers[.contentType] == "application/json")
      #expect(try JSON(parsing: Array(document.text.utf8))["openapi"] == "3.1.0")
      let page = try await stranger.get("/docs")
      #expect(page.text.contains("putApplication"))
      #expect(page.text.contains("problem-quotaExceeded"))
      #expect(!page.text.contains("data-docs-try"), "only who is logged in can try a call")
      let found = try await stranger.get("/docs?q=rollback")
      #expect(found.text.contains(#"id="rollBack""#))
      #expect(!found.text.contains(#"id="createProject""#))
      #expect(try await stranger.get("/docs?q=zebra+crossing").text.contains("No call has all"))
    }
  }

  @Test func `unknown members, types and bounds are told field by field`() {
    let schema = Schema.object(
      nil, "",
      [
        .init(name: "name", schema: .text("a", length: 1...3)),
        .init(name: "count", schema: .integer(1, 1...5), isRequired: false),
        .init(name: "tags", schema: .list(of: .text("t"), most: 2), isRequired: false),
        .init(name: "way", schema: .either(.text("x", among: ["x"]), .flag()), isRequired: false),
      ])
    func fields(_ json: JSON) -> [String] { schema.mistakes(in: json).map(\.field) }
    #expect(fields(["name": "abc", "count": 5, "tags": ["a"], "way": true]) == [])
    #expect(fields(["name": "abc", "count": .number(2.0)]) == [])
    #expect(fields([:]) == ["name"])
    #expect(fields(["name": "abcd"]) == ["name"])
    #expect(fields(["name": .null]) == ["name"])
    #expect(fields(["name": "a", "count": 6]) == ["count"])
    #expect(fields(["name": "a", "count": .number(1.5)]) == ["count"])
    #expect(fields(["name": "a", "tags": [1, "b"]]) == ["tags.0"])
    #expect(fields(["name": "a", "tags": ["a", "b", "c"]]) == ["tags"])
    #expect(fields(["name": "a", "way": "y"]) == ["way"])
    #expect(fields(["name": "a", "other": 1]) == ["other"])
    #expect(schema.mistakes(in: "text").map(\.field) == ["body"])
  }
}
