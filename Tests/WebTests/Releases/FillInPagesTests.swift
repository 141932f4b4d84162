import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// Filling the deploy form from what people already have.
@Suite struct FillInPagesTests {
  private static let new = "/projects/shop/apps/new"

  /// The form's fields with some of them set.
  private static func fields(
    _ page: TestResponse, _ changes: [String: String]
  ) -> [(String, String)] {
    page.fields().filter { changes[$0.0] == nil } + changes.map { ($0.key, $0.value) }
  }

  private static func value(_ name: String, in page: TestResponse) -> String? {
    page.fields().first { $0.0 == name }?.1
  }

  @Test func `a run line fills the form, keeps the rest, and leads to a plan`() async throws {
    try await withProject { ann, _ in
      let form = try await ann.get(Self.new)
      let filled = try await ann.post(
        Self.new,
        fields: Self.fields(
          form,
          [
            "step": "import", "replicas": "2", "cpuRequest": "50m",
            "importText":
              "docker run --name web -p 8080:80 -e 'MODE=<fast>' -e DB_PASSWORD=Xq7-marker "
              + "--restart always nginx:1.27",
          ]))

      #expect(filled.status == .ok)
      #expect(filled.text.contains("Filled in from a docker run line"))
      #expect(filled.text.contains("--restart"))
      #expect(!filled.text.contains("marker"))
      for (name, value) in [
        "name": "web", "image": "nginx:1.27", "port": "80", "replicas": "2", "cpuRequest": "50m",
        "envName": "MODE", "secretTarget": "DB_PASSWORD", "importText": "",
      ] {
        #expect(Self.value(name, in: filled) == value, "\(name)")
      }
      #expect(filled.text.contains("Typed, not shown"))
      let list = try await ann.get("/projects/shop")
      #expect(!list.text.contains("/projects/shop/apps/web\""))

      let plan = try await ann.post(Self.new, fields: filled.fields())
      #expect(plan.status == .ok)
      #expect(plan.text.contains("Review release #1 of web"))
      #expect(!plan.text.contains("marker"))
    }
  }

  @Test func `a text that can't be read stays, told at the text, with the rest of the form`()
    async throws
  {
    try await withProject { ann, _ in
      let form = try await ann.get(Self.new)
      let text = "docker run --who-knows <b> nginx"
      let refused = try await ann.post(
        Self.new,
        fields: Self.fields(form, ["step": "import", "image": "typed:1", "importText": text]))

      #expect(refused.status == .unprocessableContent)
      #expect(refused.text.contains("The option --who-knows isn&#39;t known here"))
      #expect(refused.text.contains(#"id="field-importText" name="importText""#))
      #expect(refused.text.contains("--who-knows &lt;b&gt; nginx</textarea>"))
      #expect(Self.value("image", in: refused) == "typed:1")
    }
  }

  @Test func `a text that can't be read comes back without the values of its secrets`()
    async throws
  {
    try await withProject { ann, _ in
      let page = try await ann.post(
        "/projects/shop/apps/new",
        [
          "name": "web", "step": "import",
          "importText": "docker run -e API_TOKEN=canary-8842 -e MODE=fast --bad\"quote nginx",
        ])

      #expect(page.status == .unprocessableContent)
      #expect(page.text.contains("-e API_TOKEN= -e MODE=fast"))
      #expect(!page.text.contains("canary-8842"))
    }
  }

  @Test func `a text that was pasted and not used is not lost on the way to the plan`() async throws
  {
    try await withProject { ann, _ in
      let form = try await ann.get(Self.new)
      let filled = try await ann.post(
        Self.new,
        fields: Self.fields(form, ["importText": "services: {web: {image: 'nginx:1.27'}}"]))

      #expect(filled.status == .ok)
      #expect(filled.text.contains("Filled in from a Compose file"))
      #expect(Self.value("image", in: filled) == "nginx:1.27")
    }
  }

  @Test func `variables are edited as a text and come back as rows`() async throws {
    try await withProject { ann, _ in
      let form = try await ann.get(Self.new)
      let rows: [(String, String)] =
        Self.fields(form, ["name": "web", "image": "nginx:1.27", "step": "envText"])
        + [
          ("envName", "A"), ("envValue", "it's\n\"two\" $lines"), ("envName", "B"),
          ("envValue", ""),
        ]
      let text = try await ann.post(Self.new, fields: rows)
      #expect(text.status == .ok)
      #expect(!text.text.contains(#"name="envName""#))
      #expect(text.text.contains("Edit as rows"))

      let back = try await ann.post(Self.new, fields: text.fields() + [("step", "envRows")])
      #expect(back.status == .ok)
      let sent = back.fields()
      #expect(sent.filter { $0.0 == "envName" }.prefix(2).map(\.1) == ["A", "B"])
      #expect(sent.first { $0.0 == "envValue" }?.1 == "it's\n\"two\" $lines")

      let plan = try await ann.post(
        Self.new, fields: Self.fields(text, ["envText": "GREETING=\"hello\nthere\"\n"]))
      #expect(plan.status == .ok)
      #expect(plan.text.contains("GREETING"))
    }
  }

  @Test func `a mistake in the text is told by its line, and the text stays`() async throws {
    try await withProject { ann, _ in
      let form = try await ann.get(Self.new)
      for (text, sentence) in [
        ("A=1\n9B=2\n", "Line 2: A variable"), ("A=1\nA=2\n", "Line 2: “A” is set on line 1"),
        ("A=1\nB=\(String(repeating: "x", count: 33_000))\n", "Line 2: A value has at most 32 KiB"),
      ] {
        for step in ["", "envRows"] where step.isEmpty || !text.contains("xxx") {
          let refused = try await ann.post(
            Self.new,
            fields: Self.fields(
              form, ["name": "web", "image": "nginx:1.27", "envText": text, "step": step]))
          #expect(refused.status == .unprocessableContent)
          #expect(refused.text.contains(sentence), "\(sentence)")
          #expect(Self.value("envText", in: refused)?.hasPrefix("A=1\n") == true)
        }
      }
    }
  }

  @Test func `a row whose name no line can hold stays a row`() async throws {
    try await withProject { ann, _ in
      let form = try await ann.get(Self.new)
      let refused = try await ann.post(
        Self.new,
        fields: Self.fields(form, ["step": "envText"]) + [("envName", "A=B"), ("envValue", "c")])

      #expect(refused.status == .unprocessableContent)
      #expect(refused.text.contains(#"name="envName" value="A=B""#))
    }
  }
}
