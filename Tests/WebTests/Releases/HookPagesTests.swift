import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

/// Deploy hooks as registries and CI call them, and as people see them.
struct HookPagesTests {
  /// A hook as its page showed it once.
  private struct Shown {
    let address: String
    let secret: String
  }

  @Test func `a hook is made, called, and its use is shown`() async throws {
    try await withApplication { ann, site in
      let hook = try await make("CI", tags: "1.*", by: ann)
      let answer = try await post(
        #"{"tag": "1.28"}"#, to: hook.address, [.authorization: "Bearer \(hook.secret)"], site)

      #expect(answer.status == .accepted)
      #expect(
        answer.headers[.location] == "/api/v1/projects/shop/applications/web/releases/2")
      let json = try JSON(parsing: Array(answer.text.utf8))
      #expect(json["outcome"] == "deployed" && json["release"] == 2)
      #expect(json["page"] == "/projects/shop/apps/web")
      let again = try await post(
        #"{"tag": "1.28"}"#, to: hook.address, [.authorization: "Bearer \(hook.secret)"], site)
      #expect(again.status == .ok && again.text.contains("unchanged"))

      let page = try await ann.get("/projects/shop/apps/web/settings")
      #expect(page.text.contains("Release #2 of “web” is on its way."))
      #expect(page.text.contains("1.*"))
      #expect(!page.text.contains(hook.secret), "a secret is shown once")
      let release = try await ann.get("/projects/shop/apps/web/releases/2")
      #expect(release.text.contains("hook CI: tag 1.28"))
    }
  }

  @Test func `the secret is taken from wherever senders put it`() async throws {
    try await withApplication { ann, site in
      let hook = try await make("CI", by: ann)
      let gitLab = try #require(HTTPField.Name("X-Gitlab-Token"))
      let signature = try #require(HTTPField.Name("X-Hub-Signature-256"))
      let body = #"{"zen": "Keep it logically awesome.", "hook_id": 1}"#
      for headers: HTTPFields in [
        [.authorization: "Bearer \(hook.secret)"], [gitLab: hook.secret],
      ] {
        #expect(try await post(body, to: hook.address, headers, site).status == .ok)
      }
      let inPath = try await post(body, to: "\(hook.address)/\(hook.secret)", [:], site)
      #expect(inPath.status == .ok)
      let code = Signing.hmac(of: body, with: hook.secret)
      let signed = try await post(body, to: hook.address, [signature: "sha256=\(code)"], site)
      #expect(signed.status == .ok && signed.text.contains("ping"))
      // GitHub can also send a form; the signature is of what was sent.
      let form = "payload=%7B%22zen%22%3A%22x%22%2C%22hook_id%22%3A1%7D"
      let asForm = try await post(
        form, to: hook.address,
        [
          signature: "sha256=\(Signing.hmac(of: form, with: hook.secret))",
          .contentType: "application/x-www-form-urlencoded",
        ], site)
      #expect(asForm.status == .ok && asForm.text.contains("ping"))
      let plain = try await post(
        "tag=1.29", to: hook.address,
        [
          .authorization: "Bearer \(hook.secret)",
          .contentType: "application/x-www-form-urlencoded",
        ], site)
      #expect(plain.status == .accepted)
      let query = try await post(
        "", to: "\(hook.address)?tag=1.30", [.authorization: "Bearer \(hook.secret)"], site)
      #expect(query.status == .accepted)
    }
  }

  @Test func `refusals are problems, the same for an unknown hook and a wrong secret`()
    async throws
  {
    try await withApplication { ann, site in
      let hook = try await make("CI", by: ann)
      let wrong = try await post("{}", to: hook.address, [.authorization: "Bearer nope"], site)
      let unknown = try await post(
        "{}", to: "/hooks/deploy/6fa459ea-ee8a-4ca4-894e-db77e160355e",
        [.authorization: "Bearer \(hook.secret)"], site)
      let session = try await ann.send(hook.address, .post, [:], ByteBuffer(string: "{}"))
      for answer in [wrong, unknown, session] {
        #expect(answer.status == .notFound)
        #expect(answer.headers[.contentType] == Problem.type)
        let problem = try JSON(parsing: Array(answer.text.utf8))
        #expect(Problem.schema.mistakes(in: problem).isEmpty)
        #expect(problem["detail"]?.string?.hasPrefix("There is no such hook") == true)
      }
      let good: HTTPFields = [.authorization: "Bearer \(hook.secret)"]
      let other = try await post(#"{"image": "evil/x:1"}"#, to: hook.address, good, site)
      #expect(other.status == .unprocessableContent && other.text.contains("evil/x"))
      let broken = try await post("{", to: hook.address, good, site)
      #expect(broken.status == .unprocessableContent)
      let large = String(repeating: " ", count: HookPages.maximumBytes + 1)
      #expect(try await post(large, to: hook.address, good, site).status == .contentTooLarge)
      #expect(try await ann.send(hook.address, .get, [:], nil).status == .methodNotAllowed)
    }
  }

  @Test func `a hook is made, rotated and removed by the API, and the secret told once`()
    async throws
  {
    try await withAPI { program, _, _ in
      try await program.send(.put, Caller.web, ["specification": ["image": "nginx:1.27"]])
      let path = "\(Caller.web)/hooks"
      let bad = try await program.post(path, ["name": "", "tags": "a/b"])
      #expect(bad.status == .unprocessableContent)
      let made = try await program.post(path, ["name": "CI", "tags": "v*"])
      #expect(made.status == .created)
      let secret = try #require(made.json["secret"]?.string)
      let id = try #require(made.json["hook"]?["id"]?.string)
      let list = try await program.get(path)
      #expect(list.json["items"]?[0]?["tags"] == "v*" && !list.text.contains(secret))
      #expect(list.json["items"]?[0]?["address"] == .string("/hooks/deploy/\(id)"))
      let rotated = try await program.post("\(path)/\(id)/rotation")
      #expect(rotated.status == .ok && rotated.json["secret"] != .string(secret))
      #expect(try await program.send(.delete, "\(path)/\(id)").status == .noContent)
      #expect(try await program.send(.delete, "\(path)/\(id)").status == .notFound)
    }
  }

  @Test func `a mistake in the form comes back with what was typed`() async throws {
    try await withApplication { ann, _ in
      try await ann.get("/projects/shop/apps/web/settings")
      let answer = try await ann.post(
        "/projects/shop/apps/web/hooks", ["name": "CI of the shop", "tags": "v /"])
      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("CI of the shop") && answer.text.contains("A pattern has"))
    }
  }

  // MARK: Pieces

  private func withApplication(
    _ test: @escaping @Sendable (Browser, SandboxSite) async throws -> Void
  ) async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/projects/new")
      let project = try await ann.post(
        "/projects/new", ["name": "shop", "cpu": "4", "memory": "8Gi", "pods": "20"])
      try #require(project.status == .seeOther)
      try await ann.get("/projects/shop/apps/new")
      let plan = try await ann.post(
        "/projects/shop/apps/new",
        [
          "name": "web", "image": "nginx:1.27", "port": "80", "replicas": "1",
          "cpuRequest": "100m", "memoryRequest": "64Mi", "memoryLimit": "128Mi",
        ])
      try #require(try await ann.confirm(plan).status == .seeOther)
      try await test(ann, site)
    }
  }

  private func make(_ name: String, tags: String = "", by ann: Browser) async throws -> Shown {
    try await ann.get("/projects/shop/apps/web/settings")
    let page = try await ann.post(
      "/projects/shop/apps/web/hooks", ["name": name, "tags": tags])
    try #require(page.status == .ok)
    let secret = try #require(page.text.firstMatch(of: /babyhelm_hook_[\w-]+/)).output
    let address = try #require(page.text.firstMatch(of: /\/hooks\/deploy\/[0-9a-f-]{36}/)).output
    return Shown(address: String(address), secret: String(secret))
  }

  private func post(
    _ body: String, to path: String, _ headers: HTTPFields, _ site: SandboxSite
  ) async throws -> TestResponse {
    var headers = headers
    if headers[.contentType] == nil { headers[.contentType] = "application/json" }
    return try await site.client.executeRequest(
      uri: path, method: .post, headers: headers, body: ByteBuffer(string: body))
  }
}

/// What GitHub computes over a body.
private enum Signing {
  static func hmac(of body: String, with secret: String) -> String {
    HookSignature.of(Array(body.utf8), with: secret)
  }
}
