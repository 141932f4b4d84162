import Testing

@testable import Domain

/// What each sender really posts, cut down to what matters and a little around it.
struct HookMessageTests {
  private typealias Pushed = HookMessage.Pushed

  private static let digest = "sha256:" + String(repeating: "ab", count: 32)

  private func read(
    _ json: String, fields: [String: String] = [:]
  ) throws(DomainError) -> HookMessage {
    try HookMessage.read(HookDelivery(body: Array(json.utf8), fields: fields))
  }

  @Test func `our own form names a tag, an image or a digest`() throws {
    #expect(try read(#"{"tag": "1.4"}"#).pushed == [Pushed(tag: "1.4")])
    #expect(
      try read(#" {"image": "ghcr.io/acme/shop:1.4"}"#).pushed
        == [Pushed(repository: "ghcr.io/acme/shop", tag: "1.4")])
    #expect(
      try read("", fields: ["image": "acme/shop", "tag": "2"]).pushed
        == [Pushed(repository: "acme/shop", tag: "2")])
    #expect(
      try read(#"{"digest": "\#(Self.digest)"}"#).pushed == [Pushed(digest: Self.digest)])
  }

  @Test func `Docker Hub`() throws {
    let message = try read(
      """
      {"callback_url": "https://registry.hub.docker.com/u/acme/shop/hook/2141b5bi5i5b02bec211i/",
       "push_data": {"images": [], "pushed_at": 1417566161, "pusher": "trustedbuilder",
         "tag": "latest"},
       "repository": {"comment_count": 0, "is_official": false, "is_private": true,
         "name": "shop", "namespace": "acme", "owner": "acme", "repo_name": "acme/shop",
         "repo_url": "https://registry.hub.docker.com/v2/repositories/acme/shop/",
         "star_count": 0, "status": "Active"}}
      """)
    #expect(message.pushed == [Pushed(repository: "docker.io/acme/shop", tag: "latest")])
  }

  @Test(arguments: ["registry_package", "package"])
  func `GitHub's packages`(event: String) throws {
    let message = try read(
      """
      {"action": "published", "\(event)": {"id": 10696678, "name": "shop", "namespace": "Acme",
        "ecosystem": "CONTAINER", "package_type": "CONTAINER",
        "package_version": {"id": 12345, "version": "sha256:1b2c", "name": "sha256:1b2c",
          "container_metadata": {"tag": {"name": "v1.4", "digest": "\(Self.digest)"},
            "labels": {}, "manifest": {}},
          "package_url": "ghcr.io/acme/shop:v1.4"},
        "registry": {"url": "https://ghcr.io/acme", "vendor": "GitHub Inc"}},
       "repository": {"full_name": "Acme/shop"}, "sender": {"login": "ann"}}
      """)
    #expect(
      message.pushed == [
        Pushed(repository: "ghcr.io/acme/shop", tag: "v1.4", digest: Self.digest)
      ])
  }

  @Test func `what GitHub sends beside that is no deploy`() throws {
    let ping = try read(
      #"{"zen": "Design for failure.", "hook_id": 1, "hook": {"type": "Repository"}}"#)
    #expect(ping.pushed.isEmpty && ping.nothing?.contains("ping") == true)
    // Each platform of an image is a package without a tag.
    let untagged = try read(
      """
      {"action": "published", "registry_package": {"name": "shop", "package_type": "CONTAINER",
        "package_version": {"container_metadata": {"tag": {"name": "", "digest": ""}},
          "package_url": "ghcr.io/acme/shop:"}}}
      """)
    #expect(untagged.pushed.isEmpty && untagged.nothing != nil)
    let npm = try read(
      """
      {"action": "published", "package": {"name": "lib", "package_type": "npm",
        "package_version": {"version": "1.0"}}}
      """)
    #expect(npm.pushed.isEmpty && npm.nothing != nil)
  }

  @Test func `the registry of CNCF Distribution, and so GitLab's`() throws {
    let message = try read(
      """
      {"events": [
        {"id": "320678d8-ca14-430f-8bb6-4ca139cd83f7", "timestamp": "2026-03-09T14:44:26.402Z",
         "action": "push", "target": {"mediaType": "application/octet-stream", "size": 708,
           "digest": "\(Self.digest)", "length": 708, "repository": "acme/shop",
           "url": "https://registry.example.com/v2/acme/shop/blobs/\(Self.digest)"},
         "request": {"id": "6df24a34", "addr": "192.0.2.7:42961", "host": "registry:5000",
           "method": "PUT", "useragent": "docker/27"}, "actor": {"name": "ann"}},
        {"id": "e2", "action": "pull", "target": {"repository": "acme/shop", "tag": "1.0"}},
        {"id": "e3", "timestamp": "2026-03-09T14:44:27.402Z", "action": "push",
         "target": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 528,
           "digest": "\(Self.digest)", "length": 528, "repository": "acme/shop", "tag": "1.4",
           "url": "https://registry.example.com/v2/acme/shop/manifests/\(Self.digest)"},
         "request": {"host": "registry:5000", "method": "PUT"}}]}
      """)
    #expect(
      message.pushed == [Pushed(repository: "*/acme/shop", tag: "1.4", digest: Self.digest)])
    #expect(message.id == "e3")
    let pull = try read(#"{"events": [{"action": "pull", "target": {"repository": "a/b"}}]}"#)
    #expect(pull.pushed.isEmpty && pull.nothing != nil)
  }

  @Test func `GitLab's pipelines count when they succeeded for a tag`() throws {
    func pipeline(_ attributes: String) throws -> HookMessage {
      try read(
        """
        {"object_kind": "pipeline", "object_attributes": {"id": 31, "ref": "v1.4", \(attributes)},
         "project": {"path_with_namespace": "acme/shop"}, "builds": []}
        """)
    }
    #expect(
      try pipeline(#""tag": true, "status": "success""#).pushed == [Pushed(tag: "v1.4")])
    #expect(try pipeline(#""tag": true, "status": "running""#).nothing != nil)
    #expect(try pipeline(#""tag": false, "status": "success""#).nothing != nil)
  }

  @Test func `Quay and Harbor`() throws {
    let quay = try read(
      """
      {"name": "shop", "repository": "acme/shop", "namespace": "acme",
       "docker_url": "quay.io/acme/shop", "homepage": "https://quay.io/repository/acme/shop",
       "updated_tags": ["latest", "1.4"]}
      """)
    #expect(
      quay.pushed == [
        Pushed(repository: "quay.io/acme/shop", tag: "latest"),
        Pushed(repository: "quay.io/acme/shop", tag: "1.4"),
      ])
    let harbor = try read(
      """
      {"type": "PUSH_ARTIFACT", "occur_at": 1680501893, "operator": "admin", "event_data": {
        "resources": [{"digest": "\(Self.digest)", "tag": "1.4",
          "resource_url": "harbor.example.com/acme/shop:1.4"}],
        "repository": {"name": "shop", "namespace": "acme", "repo_full_name": "acme/shop",
          "repo_type": "private"}}}
      """)
    #expect(
      harbor.pushed == [
        Pushed(repository: "harbor.example.com/acme/shop", tag: "1.4", digest: Self.digest)
      ])
    #expect(try read(#"{"type": "PULL_ARTIFACT", "event_data": {"resources": []}}"#).nothing != nil)
  }

  @Test(arguments: [
    "", "   ", "[]", "null", "{", "\"tag\"", "{}", #"{"other": 1}"#, #"{"tag": 1}"#,
    #"{"image": "https://x/y"}"#, #"{"events": 7}"#, #"{"push_data": "x"}"#,
    String(repeating: "[", count: 10_000),
  ])
  func `what nobody understands is refused in words`(body: String) {
    let error = #expect(throws: DomainError.self) { try read(body) }
    #expect(error?.reason == .invalid)
    #expect(error?.message.isEmpty == false)
  }

  @Test(arguments: [
    ("nginx:1.27", "nginx", true), ("nginx:1.27", "library/nginx", true),
    ("nginx", "docker.io/library/nginx", true), ("nginx", "index.docker.io/library/nginx", true),
    ("acme/shop", "docker.io/acme/shop", true), ("docker.io/acme/shop", "acme/shop", true),
    ("ghcr.io/acme/shop", "ghcr.io/acme/shop", true), ("ghcr.io/acme/shop", "*/acme/shop", true),
    ("nginx", "*/library/nginx", true), ("ghcr.io/acme/shop", "acme/shop", false),
    ("acme/shop", "ghcr.io/acme/shop", false), ("acme/shop", "acme/shop2", false),
    ("registry:5000/a/b", "registry:5001/a/b", false), ("acme/shop", "*/shop", false),
    ("acme/shop", "", false), ("acme/shop", "Acme/Shop", false),
  ])
  func `another repository is told from the same by another name`(
    image: String, name: String, isSame: Bool
  ) throws {
    #expect(try ImageReference(parsing: image).isSameRepository(as: name) == isSame)
  }

  @Test(arguments: ["1/../../evil", "a b", "", "x@sha256:1", ":", "-x", "évil"])
  func `a tag can't change more than the tag`(tag: String) throws {
    let image = try ImageReference(parsing: "ghcr.io/acme/shop:1.0")
    #expect(throws: DomainError.self) { try image.with(tag: tag, digest: nil) }
  }

  @Test func `a tag and a digest replace those that were there`() throws {
    let image = try ImageReference(parsing: "localhost:5000/acme/shop:1.0@\(Self.digest)")
    #expect(try image.with(tag: "2.0", digest: nil).text == "localhost:5000/acme/shop:2.0")
    #expect(
      try image.with(tag: nil, digest: Self.digest).text
        == "localhost:5000/acme/shop@\(Self.digest)")
  }
}

struct HookSignatureTests {
  @Test func `the signature is the one of GitHub's own documentation`() {
    #expect(
      HookSignature.of(Array("Hello, World!".utf8), with: "It's a Secret to Everybody")
        == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
  }
}

struct TagPatternTests {
  @Test(arguments: [
    ("", "anything", true), ("", "", true), ("v*", "v1.4", true), ("v*", "v", true),
    ("v*", "1.4", false), ("*", "", true), ("*-prod", "1-prod", true), ("*-prod", "prod", false),
    ("1.?", "1.4", true), ("1.?", "1.42", false), ("v*.*", "v1.2", true), ("v*.*", "v12", false),
    ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXc", false), ("latest", "latest", true),
    ("latest", "latest2", false), ("**a", "ba", true),
  ])
  func `a pattern fits or not`(pattern: String, tag: String, fits: Bool) throws {
    #expect(try TagPattern(pattern).matches(tag) == fits)
  }

  @Test func `no pattern takes long`() throws {
    let pattern = try TagPattern(String(repeating: "a*", count: 60) + "b")
    let start = ContinuousClock.now
    #expect(!pattern.matches(String(repeating: "a", count: 128)))
    #expect(ContinuousClock.now - start < .seconds(1))
  }

  @Test(arguments: ["v *", "a/b", "(a+)+", "ä*", String(repeating: "a", count: 129)])
  func `what can't be a tag's pattern is refused`(text: String) {
    let error = #expect(throws: DomainError.self) { try TagPattern(text) }
    #expect(error?.fields.map(\.field) == ["tags"])
  }
}
