import Foundation
import Testing

@testable import Domain

struct ImageReferenceTests {
  struct Parts: Sendable, CustomTestStringConvertible {
    let text: String
    var registry: String?
    var path: String
    var tag: String?
    var digest: String?

    var testDescription: String { text }
  }

  private static let digest = "sha256:" + String(repeating: "0a", count: 32)

  static let good = [
    Parts(text: "nginx", path: "nginx"),
    Parts(text: "nginx:1.27", path: "nginx", tag: "1.27"),
    Parts(text: "library/nginx:latest", path: "library/nginx", tag: "latest"),
    Parts(text: "nginx@\(digest)", path: "nginx", digest: digest),
    Parts(text: "nginx:1.27@\(digest)", path: "nginx", tag: "1.27", digest: digest),
    Parts(text: "ghcr.io/ann/web:v1", registry: "ghcr.io", path: "ann/web", tag: "v1"),
    Parts(
      text: "registry.example.com:5000/a/b/c", registry: "registry.example.com:5000",
      path: "a/b/c"),
    Parts(
      text: "localhost:5000/web@\(digest)", registry: "localhost:5000", path: "web",
      digest: digest),
    Parts(text: "localhost/web", registry: "localhost", path: "web"),
    Parts(text: "192.0.2.1:5000/web:1", registry: "192.0.2.1:5000", path: "web", tag: "1"),
    Parts(text: "Registry.Example.com/web", registry: "Registry.Example.com", path: "web"),
    // Without a slash a colon starts a tag, as for every container runtime.
    Parts(text: "localhost:5000", path: "localhost", tag: "5000"),
    Parts(text: "web:_1.0-rc.1", path: "web", tag: "_1.0-rc.1"),
    Parts(text: "web:LATEST", path: "web", tag: "LATEST"),
    Parts(text: "a.b/c", registry: "a.b", path: "c"),
    Parts(text: "a/b.c", path: "a/b.c"),
    Parts(text: "my_app/web__api/a--b/c.d", path: "my_app/web__api/a--b/c.d"),
    Parts(text: "3scale/app1", path: "3scale/app1"),
  ]

  @Test(arguments: good)
  func `a reference is taken apart`(parts: Parts) throws {
    let image = try ImageReference(parsing: parts.text)

    #expect(image.text == parts.text)
    #expect(image.registry == parts.registry)
    #expect(image.path == parts.path)
    #expect(image.tag == parts.tag)
    #expect(image.digest == parts.digest)
    #expect(image.description == parts.text)
  }

  @Test(arguments: [" nginx:1.27", "nginx:1.27\n", "\t nginx:1.27 \r\n", "\u{A0}nginx:1.27"])
  func `white space around a reference is left out`(typed: String) throws {
    #expect(try ImageReference(parsing: typed).text == "nginx:1.27")
  }

  @Test(arguments: [
    // Nothing, and white space inside.
    "", "   ", "\n", "nginx 1.27", "nginx:1.27 alpine", "nginx\n:1", "ngi\u{2028}nx", "a\u{A0}b",
    // Characters that no name has.
    "nginx\u{0}", "nginx\u{7}", "nginx\u{7F}", "nginx\u{200B}", "ngìnx", "ｎginx", "nginx😀",
    "nginx;rm", "nginx$(id)", "nginx\"", "nginx'", "nginx\\a", "nginx?x=1", "nginx#1", "nginx%20",
    "a+b", "~a", "a{{b}}", "<nginx>",
    // Schemes.
    "https://docker.io/library/nginx", "docker://nginx", "oci://ghcr.io/a",
    // Capital letters.
    "Nginx", "Ann/web", "ghcr.io/Ann/web",
    // Separators.
    "/nginx", "nginx/", "a//b", "-nginx", "nginx-", ".nginx", "nginx.", "_nginx", "nginx_", "a..b",
    "a___b", "a._b", "a-.b", "a_-b", "a/-b", ":1", "@", ":", "/",
    // Tags.
    "nginx:", "nginx:-1", "nginx:.1", "nginx:1/2:", "nginx:1:2", "nginx:a+b",
    "nginx:" + String(repeating: "a", count: 129),
    // Registries.
    "registry.example.com:/a", "registry.example.com:0/a", "registry.example.com:65536/a",
    "registry.example.com:+5000/a", "registry.example.com:-1/a", "registry.example.com:5a/a",
    "registry.example.com:5000:1/a", "-a.com/b", "a-.com/b", "a..com/b", ".com/b", "a_b.com/c",
    "[::1]:5000/a", "[2001:db8::1]/a", "::1/a", "user@host.com/a", "user:pw@host.com/a",
    // Digests.
    "nginx@", "nginx@sha256:", "nginx@sha256:abc", "nginx@md5:" + String(repeating: "a", count: 64),
    "nginx@sha256:" + String(repeating: "a", count: 63),
    "nginx@sha256:" + String(repeating: "a", count: 65),
    "nginx@sha256:" + String(repeating: "A", count: 64),
    "nginx@sha256:" + String(repeating: "g", count: 64),
    "nginx@" + String(repeating: "a", count: 64), "@" + digest, "a@\(digest)@\(digest)",
    // Lengths.
    String(repeating: "a", count: 256), String(repeating: "a/", count: 127) + "bc",
    "a:" + String(repeating: "b", count: 600), String(repeating: "x", count: 100_000),
  ])
  func `what isn't a reference is refused with a sentence`(typed: String) throws {
    let mistake = #expect(throws: ImageReference.Mistake.self) {
      try ImageReference(parsing: typed)
    }

    let sentence = try #require(mistake?.sentence)
    #expect(sentence.hasSuffix("."))
    #expect(sentence.count < 600)
  }

  @Test func `the longest parts are taken`() throws {
    let path = String(repeating: "a", count: 255)
    let tag = String(repeating: "b", count: 128)

    let image = try ImageReference(parsing: "registry.example.com:65535/\(path):\(tag)")

    #expect(image.path == path)
    #expect(image.tag == tag)
  }

  @Test(arguments: [
    ("Nginx", "An image's name has no capital letters."),
    ("https://ghcr.io/a", "Leave out the scheme: docker.io/library/nginx, not https://…."),
    ("nginx 1.27", "An image reference has no spaces or line breaks in it."),
    ("", "Name an image, for example nginx:1.27."),
    (
      "my.registry:x/a", "“my.registry:x” isn't a registry: it takes a host name and perhaps :port."
    ),
  ])
  func `the sentence says what is wrong`(typed: String, sentence: String) {
    #expect(throws: ImageReference.Mistake(sentence: sentence)) {
      try ImageReference(parsing: typed)
    }
  }

  @Test(arguments: [
    ("nginx", true), ("nginx:latest", true), ("localhost:5000/nginx", true),
    ("ghcr.io/a/b:latest", true), ("nginx:1.27", false), ("nginx:Latest", false),
    ("nginx@\(digest)", false), ("nginx:latest@\(digest)", false), ("latest:1", false),
  ])
  func `no tag means latest, and a digest never does`(text: String, isLatest: Bool) throws {
    #expect(try ImageReference(parsing: text).isLatest == isLatest)
  }

  @Test(arguments: good)
  func `it is stored as its text and read back`(parts: Parts) throws {
    let image = try ImageReference(parsing: parts.text)

    let stored = try JSONEncoder().encode([image])

    #expect(try JSONDecoder().decode([String].self, from: stored) == [parts.text])
    #expect(try JSONDecoder().decode([ImageReference].self, from: stored) == [image])
  }

  @Test func `a broken stored reference isn't trusted`() {
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode([ImageReference].self, from: Data(#"["a b"]"#.utf8))
    }
  }
}
