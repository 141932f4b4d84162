import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

@Suite struct ProjectPagesTests {
  @Test func `a new project is a namespace with its guards`() async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      #expect(try await ann.get("/projects").text.contains("No projects yet"))
      try await ann.get("/projects/new")

      let answer = try await ann.post(
        "/projects/new", ["name": "shop", "cpu": "2", "memory": "1Gi", "pods": "10"])

      #expect(answer.status == .seeOther)
      #expect(answer.headers[.location] == "/projects/shop")
      let namespace = try await site.kubernetes.get(CoreV1.Namespace.self, name: "shop")
      #expect(namespace.metadata.labels["pod-security.kubernetes.io/enforce"] == "baseline")
      let quota = try await site.kubernetes.get(
        CoreV1.ResourceQuota.self, name: "project", namespace: "shop")
      #expect(quota.hard["requests.cpu"] == Quantity("2"))
      for type in [
        ResourceType.limitRange, .networkPolicy, .serviceAccount,
      ] {
        _ = try await site.kubernetes.getObject(type, name: "project", namespace: "shop")
      }
      let page = try await ann.get("/projects/shop")
      #expect(page.text.contains("Project shop is ready."))
      #expect(page.text.contains("Nothing runs here yet"))
      #expect(try await ann.get("/projects").text.contains("/projects/shop"))
    }
  }

  @Test(arguments: [
    ("Shop", "no capital letters"), ("my.shop", "no dots"), ("my shop", "no dots, spaces"),
    (String(repeating: "a", count: 64), "at most 63 characters"), ("-shop", "starts and ends"),
    ("", "Give it a name"), ("kube-system", "reserved"), ("default", "reserved"),
    ("new", "reserved"), ("{{shop}}", "only the letters"), ("shop\u{1F600}", "only the letters"),
    ("a: b", "no dots, spaces"), ("\"'--", "only the letters"),
  ])
  func `a wrong name is told at its field, and nothing typed is lost`(
    name: String, sentence: String
  ) async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/projects/new")

      let answer = try await ann.post(
        "/projects/new", ["name": name, "cpu": "3", "memory": "5Gi", "pods": "7"])

      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains(sentence))
      #expect(answer.text.contains(##"href="#field-name""##))
      #expect(answer.text.contains(#"value="5Gi""#))
      #expect(answer.text.contains(#"value="7""#))
      #expect(try await ann.get("/projects").text.contains("No projects yet"))
    }
  }

  @Test(arguments: [
    ("cpu", "lots"), ("cpu", "0"), ("cpu", "-1"), ("memory", "8"), ("memory", "eight"),
    ("pods", "0"), ("pods", "1001"), ("pods", "1.5"), ("pods", ""),
  ])
  func `a wrong quota is told at its field`(field: String, value: String) async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/projects/new")

      let answer = try await ann.post(
        "/projects/new",
        [
          "name": "shop", "cpu": field == "cpu" ? value : "1",
          "memory": field == "memory" ? value : "1Gi", "pods": field == "pods" ? value : "5",
        ])

      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("href=\"#field-\(field)\""))
      #expect(answer.text.contains(#"value="shop""#))
    }
  }

  @Test func `a name that is taken here or on the cluster is refused`() async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/projects/new")
      try await ann.post(
        "/projects/new", ["name": "shop", "cpu": "1", "memory": "1Gi", "pods": "5"])
      _ = try await site.kubernetes.create(
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "theirs"]], .namespace)
      try await ann.get("/projects/new")

      for name in ["shop", "theirs"] {
        let answer = try await ann.post(
          "/projects/new", ["name": name, "cpu": "1", "memory": "1Gi", "pods": "5"])
        #expect(answer.status == .unprocessableContent)
        #expect(answer.text.contains("already"))
      }
      let theirs = try await site.kubernetes.get(CoreV1.Namespace.self, name: "theirs")
      #expect(theirs.metadata.labels["babyhelm.io/project-id"] == nil)
    }
  }

  @Test func `without a cluster the form comes back whole, and nothing was made`() async throws {
    try await withSite { client, _ in
      let ann = Browser(client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/projects/new")

      let answer = try await ann.post(
        "/projects/new", ["name": "shop", "cpu": "3", "memory": "5Gi", "pods": "7"])

      #expect(answer.status == .serviceUnavailable)
      #expect(answer.text.contains("The cluster doesn&#39;t answer"))
      #expect(answer.text.contains(#"value="shop""#))
      #expect(try await ann.get("/projects").text.contains("No projects yet"))
    }
  }

  @Test func `a stranger doesn't learn that a project exists`() async throws {
    try await withSandboxSite { site in
      let (ann, bob) = (Browser(site.client), Browser(site.client))
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/new")
      try await ann.post(
        "/projects/new", ["name": "shop", "cpu": "1", "memory": "1Gi", "pods": "5"])

      let foreign = try await bob.get("/projects/shop")
      let missing = try await bob.get("/projects/none")

      #expect(foreign.status == .notFound)
      #expect(missing.status == .notFound)
      let sameText = foreign.text.replacing("shop", with: "none").replacing(
        #/Request id[^<]*<[^>]*>[^<]*/#, with: "")
      #expect(
        sameText == missing.text.replacing(#/Request id[^<]*<[^>]*>[^<]*/#, with: "")
          || foreign.text.count == missing.text.count)
      #expect(try await !bob.get("/projects").text.contains("shop"))
    }
  }
}
