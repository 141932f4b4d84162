import Testing

/// docs/security.md names a test for each class of holes, and it is there.
struct SecurityDocumentTests {
  private static let text =
    SourceTree.files(below: "docs", endings: ["md"]).first { $0.path == "docs/security.md" }?.text
    ?? ""

  @Test func `every class of holes has a row`() {
    let rows = Self.text.split(separator: "\n").compactMap { line in
      line.firstMatch(of: #/^\| ([0-9]+) \|/#).flatMap { Int($0.1) }
    }
    #expect(rows == Array(1...33))
  }

  @Test func `every test that is named is there`() {
    let files = SourceTree.files(below: "Tests", endings: ["swift", "py"])
    var named = 0
    for match in Self.text.matches(of: #/`(\w+)`(?: “([^”]+)”)?/#) {
      let suite = String(match.1)
      guard suite.hasSuffix("Tests") || suite.hasSuffix("_test") else { continue }
      named += 1
      let homes = files.filter {
        $0.path.hasSuffix("/\(suite).swift") || $0.path.hasSuffix("/\(suite).py")
      }
      // A module of tests is named by its folder.
      let isModule = files.contains { $0.path.hasPrefix("Tests/\(suite)/") }
      #expect(!homes.isEmpty || isModule, "there is no \(suite)")
      guard let sentence = match.2 else { continue }
      #expect(homes.contains { $0.text.contains(sentence) }, "\(suite) has no “\(sentence)”")
    }
    #expect(named > 60)
  }
}
