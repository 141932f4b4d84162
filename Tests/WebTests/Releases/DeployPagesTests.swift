import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

@Suite struct DeployPagesTests {
  @Test func `from the form over the plan to two serving replicas`() async throws {
    try await withProject { ann, site in
      let plan = try await ann.post("/projects/shop/apps/new", Self.web)
      #expect(plan.status == .ok)
      #expect(plan.text.contains("Review release #1 of web"))
      await #expect(throws: KubernetesError.self) {
        try await site.kubernetes.get(AppsV1.Deployment.self, name: "web", namespace: "shop")
      }

      let answer = try await ann.confirm(plan)
      #expect(answer.headers[.location] == "/projects/shop/apps/web")

      try await eventually("2/2") {
        let page = try await ann.get("/projects/shop/apps/web").text
        return page.contains("2/2") && page.contains("Succeeded")
      }
      let page = try await ann.get("/projects/shop/apps/web").text
      #expect(page.contains("web.shop.svc:80"))
      #expect(page.matches(of: #/class="pod-name">web-/#).count == 2)
      let manifests = try await ann.get("/projects/shop/apps/web/manifests").text
      #expect(manifests.contains("kind: Deployment"))
      #expect(manifests.contains("kind: Service"))
    }
  }

  @Test(arguments: [
    ("name", "Web", "no capital letters"), ("name", "we.b", "no dots"),
    ("name", String(repeating: "w", count: 64), "at most 63"), ("name", "new", "BabyHelm needs"),
    ("name", "1web", "starts with a letter"), ("name", "", "Give it a name"),
    ("image", "", "Name an image"), ("image", "ng inx", "no spaces"),
    ("image", "nginx:", "The tag after"), ("image", "nginx@sha256:abc", "The digest after"),
    ("image", "https://docker.io/nginx", "Leave out the scheme"), ("image", "NGINX", "capital"),
    ("image", "reg:99999/x", "isn’t a registry"), ("port", "0", "from 1 to 65535"),
    ("port", "65536", "from 1 to 65535"), ("port", "http", "from 1 to 65535"),
    ("replicas", "-1", "from 0 to 100"), ("replicas", "10000", "from 0 to 100"),
    ("replicas", "two", "from 0 to 100"), ("cpuRequest", "much", "as Kubernetes does"),
    ("cpuLimit", "1m", "at least the request"), ("memoryLimit", "1Mi", "at least the request"),
    ("memoryRequest", "", "as Kubernetes does"), ("envName", "9lives", "doesn&#39;t start"),
    ("envName", "A=B", "doesn&#39;t start"),
    ("envValue", String(repeating: "x", count: 65_536), "at most 32 KiB"),
    ("envValue", String(repeating: "\u{1F600}", count: 16_384), "at most 32 KiB"),
  ])
  func `a wrong field is told at the field, and nothing typed is lost`(
    field: String, value: String, sentence: String
  ) async throws {
    try await withProject { ann, site in
      var values = Self.webValues
      values["envName"] = "GREETING"
      values["envValue"] = "hello"
      values[field] = value
      let answer = try await ann.post("/projects/shop/apps/new", fields: values.map { ($0, $1) })

      #expect(answer.status == .unprocessableContent)
      #expect(
        answer.text.replacing("’", with: "'").replacing("&#39;", with: "'").contains(
          sentence.replacing("’", with: "'").replacing("&#39;", with: "'")))
      for (name, kept) in values where name != field && name != "envValue" {
        #expect(answer.text.contains("value=\"\(kept)\""), "\(name) was lost")
      }
      if field == "envValue" { #expect(answer.text.contains(value)) }
      #expect(try await ann.get("/projects/shop").text.contains("Nothing runs here yet"))
      let list = try await site.kubernetes.list(AppsV1.Deployment.self, namespace: "shop")
      #expect(list.items.isEmpty)
    }
  }

  @Test func `a mistake opens no part of the form that nobody filled in`() async throws {
    try await withProject { ann, _ in
      let fields = Self.webValues.filter { $0.key != "name" }.map { ($0.key, $0.value) }
      let blank = [
        "envName", "envValue", "secretTarget", "secretValue", "secretSealed", "filePath",
        "fileContent", "volumePath", "volumeSize", "portNumber",
      ].map { ($0, "") }

      let answer = try await ann.post(
        "/projects/shop/apps/new", fields: fields + [("name", "Not A Name")] + blank)

      #expect(answer.status == .unprocessableContent)
      #expect(!answer.text.contains(#"<details class="fold" open"#))
    }
  }

  @Test func `hostile values reach the container exactly as typed`() async throws {
    try await withProject { ann, site in
      let values = [
        "\"quoted\" 'single' \\ back", "line one\nline two\n", "{{name}} {{{x}}}", "key: value",
        "- item", "---", "# not a comment", "&a *a !!str", "\u{85}\u{2028}\u{FEFF}", "no", "1e3",
        "😀 e\u{301}", "\t tab ", "</textarea><script>alert(1)</script>",
      ]
      var pairs = Self.webValues.map { ($0, $1) }
      for (index, value) in values.enumerated() {
        pairs.append(("envName", "V\(index)"))
        pairs.append(("envValue", value))
      }
      let plan = try await ann.post("/projects/shop/apps/new", fields: pairs)
      #expect(plan.status == .ok)
      #expect(!plan.text.contains("<script>alert"))
      try #require(try await ann.confirm(plan).status == .seeOther)

      try await eventually("the Deployment") {
        (try? await site.kubernetes.getObject(.deployment, name: "web", namespace: "shop")) != nil
      }
      let live = try await site.kubernetes.getObject(.deployment, name: "web", namespace: "shop")
      let container = live.at("spec", "template", "spec", "containers")?.array?.first
      let found = (container?["env"]?.array ?? []).map { $0["value"]?.string ?? "" }
      #expect(found == values)
      let form = try await ann.get("/projects/shop/apps/web/edit").text
      #expect(!form.contains("<script>alert"))
    }
  }

  @Test func `a second click on Deploy makes no second release`() async throws {
    try await withProject { ann, _ in
      let plan = try await ann.post("/projects/shop/apps/new", Self.web)

      let first = try await ann.confirm(plan)
      let second = try await ann.confirm(plan)

      #expect(first.status == .seeOther)
      #expect(second.status == .seeOther)
      let page = try await ann.get("/projects/shop/apps/web").text
      #expect(page.contains("#1"))
      #expect(!page.contains("#2"))
    }
  }

  @Test func `when the world moved, the new plan is shown and nothing written`() async throws {
    try await withProject { ann, _ in
      let one = try await ann.post("/projects/shop/apps/new", Self.web)
      let two = try await ann.post(
        "/projects/shop/apps/new",
        fields: Self.webValues.merging(["replicas": "3"]) { $1 }.map { ($0, $1) })
      try #require(try await ann.confirm(one).status == .seeOther)

      let late = try await ann.confirm(two)

      #expect(late.status == .unprocessableContent)
      #expect(late.text.contains("already"))
    }
  }

  @Test func `a change shows old and new, and can be taken back to the form`() async throws {
    try await withProject { ann, _ in
      try await ann.confirm(try await ann.post("/projects/shop/apps/new", Self.web))
      try await eventually("the first release") {
        try await ann.get("/projects/shop/apps/web").text.contains("Succeeded")
      }
      try await ann.get("/projects/shop/apps/web/edit")

      let values = Self.webValues.merging(["image": "nginx:1.28"]) { $1 }
      let plan = try await ann.post(
        "/projects/shop/apps/web/edit", fields: values.map { ($0, $1) })

      #expect(plan.text.contains("Review release #2 of web"))
      #expect(plan.text.contains("spec.template.spec.containers[app].image"))
      #expect(plan.text.contains("nginx:1.27"))
      let back = try await ann.post(
        "/projects/shop/apps/web/edit", fields: values.map { ($0, $1) } + [("step", "form")])
      #expect(back.status == .ok)
      #expect(back.text.contains(#"value="nginx:1.28""#))
      try #require(try await ann.confirm(plan).status == .seeOther)
      try await eventually("the second release") {
        let page = try await ann.get("/projects/shop/apps/web").text
        return page.contains("#2") && page.contains("Healthy")
      }
    }
  }

  @Test func `an image that can't be pulled is explained`() async throws {
    try await withProject { ann, _ in
      let values = Self.webValues.merging(["image": "registry.example.com/broken:1"]) { $1 }
      try await ann.confirm(
        try await ann.post("/projects/shop/apps/new", fields: values.map { ($0, $1) }))

      try await eventually("the diagnosis") {
        try await ann.get("/projects/shop/apps/web").text.contains("can&#39;t be pulled")
      }
    }
  }

  @Test func `an object that isn't BabyHelm's is never taken over`() async throws {
    try await withProject { ann, site in
      _ = try await site.kubernetes.create(
        [
          "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
          "spec": ["ports": [["port": 80]], "selector": ["app": "theirs"]],
        ], .service, namespace: "shop")

      let answer = try await ann.post("/projects/shop/apps/new", Self.web)

      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("BabyHelm didn&#39;t make"))
      #expect(answer.text.contains(#"value="nginx:1.27""#))
    }
  }

  private static let webValues = [
    "name": "web", "image": "nginx:1.27", "port": "80", "replicas": "2", "cpuRequest": "100m",
    "memoryRequest": "64Mi", "memoryLimit": "128Mi",
  ]

  static var web: KeyValuePairs<String, String> {
    [
      "name": "web", "image": "nginx:1.27", "port": "80", "replicas": "2", "cpuRequest": "100m",
      "memoryRequest": "64Mi", "memoryLimit": "128Mi",
    ]
  }
}

/// A site where Ann owns the project `shop`.
func withProject(
  _ setup: TestingSetup = .router, apiRate: Int = 100_000, grafana: GrafanaSettings? = nil,
  hasPrometheus: Bool = false,
  _ test: @escaping @Sendable (Browser, SandboxSite) async throws -> Void
) async throws {
  try await withSandboxSite(
    setup, apiRate: apiRate, grafana: grafana, hasPrometheus: hasPrometheus
  ) { site in
    let ann = Browser(site.client)
    try await ann.register(name: "Ann", email: "ann@example.net")
    try await ann.get("/projects/new")
    let answer = try await ann.post(
      "/projects/new", ["name": "shop", "cpu": "4", "memory": "8Gi", "pods": "20"])
    try #require(answer.status == .seeOther)
    try await ann.get("/projects/shop/apps/new")
    try await test(ann, site)
  }
}
