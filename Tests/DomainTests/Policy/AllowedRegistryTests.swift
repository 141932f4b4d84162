import Testing

@testable import Domain

struct AllowedRegistryTests {
  @Test(arguments: [
    ("ghcr.io", "ghcr.io/team/app:1", true),
    ("ghcr.io/team", "ghcr.io/team/app@sha256:\(String(repeating: "a", count: 64))", true),
    ("GHCR.io/team/", "ghcr.io/team/app", true),
    ("ghcr.io/team", "ghcr.io/teams/app", false),
    ("ghcr.io", "ghcr.io.evil.example/app", false),
    ("docker.io", "nginx", true),
    ("docker.io/library", "nginx:1.27", true),
    ("docker.io/library", "docker.io/nginx", true),
    ("docker.io/library", "index.docker.io/library/nginx", true),
    ("docker.io/library", "someone/nginx", false),
    ("docker.io", "quay.io/nginx", false),
    ("registry.example.com:5000", "registry.example.com:5000/app", true),
    ("registry.example.com", "registry.example.com:5000/app", false),
    ("localhost:5000", "localhost:5000/app", true),
  ])
  func `an image is from a registry, by whole components`(
    registry: String, image: String, isThere: Bool
  ) throws {
    let allowed = try #require(AllowedRegistry(parsing: registry))
    #expect(try allowed.has(ImageReference(parsing: image)) == isThere)
  }

  @Test(arguments: [
    "", "nginx", "library/nginx", "https://ghcr.io", "ghcr.io/Te am", "ghcr.io//team", "*",
    "ghcr.io:tag/", "ghcr.io/team@sha256:1", "ghcr.io/team:1",
  ])
  func `what is no registry isn't taken for one`(text: String) {
    #expect(AllowedRegistry(parsing: text) == nil)
  }
}
