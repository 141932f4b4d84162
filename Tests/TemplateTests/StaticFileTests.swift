import Testing

@testable import TemplateCompiler

struct StaticFileTests {
  private func file(_ name: String, _ text: String) -> StaticFiles.File {
    StaticFiles.File(name: name, bytes: Array(text.utf8))
  }

  @Test func `styles are joined tokens first, then base, layout and the rest by name`() {
    let files = StaticFiles([
      file("styles/table.css", "table"), file("styles/layout.css", "layout\n"),
      file("styles/base.css", "base"), file("styles/badge.css", "badge"),
      file("styles/_tokens.css", "tokens"),
    ])

    #expect(files.files.map(\.name) == ["app.css", "app.js"])
    #expect(
      String(decoding: files.files[0].bytes, as: UTF8.self)
        == "tokens\nbase\nlayout\nbadge\ntable\n")
  }

  @Test func `scripts are joined by name and other files stay as they are`() {
    let files = StaticFiles([
      file("scripts/live.js", "live()"), file("scripts/copy.js", "copy()"),
      file("icons/logo.svg", "<svg/>"), file("robots.txt", "x"),
    ])

    #expect(files.files.map(\.name) == ["app.css", "app.js", "icons/logo.svg", "robots.txt"])
    #expect(String(decoding: files.files[1].bytes, as: UTF8.self) == "copy()\nlive()\n")
  }

  @Test func `a path holds the FNV-1a hash of the content`() {
    // The published test vectors of FNV-1a, 64 bits.
    #expect(file("a.css", "").path == "/static/a-cbf29ce484222325.css")
    #expect(file("a.css", "a").hash == "af63dc4c8601ec8c")
    #expect(file("a.css", "foobar").hash == "85944171f73967e8")
    #expect(file("icons/a-b.svg", "").path == "/static/icons/a-b-cbf29ce484222325.svg")
    #expect(file("LICENSE", "").path == "/static/LICENSE-cbf29ce484222325")
  }

  @Test func `members are named after files, with the ending where two are alike`() {
    let swift = StaticFiles([
      file("icons/logo.svg", "<svg/>"), file("dot.png", "x"), file("dot.svg", "y"),
    ]).swiftSource.joined(separator: "\n")

    #expect(swift.contains("static let stylesheet = Link(path: \"/static/app-"))
    #expect(swift.contains("static let script = Link(path: \"/static/app-"))
    #expect(swift.contains("static let iconsLogo = "))
    #expect(swift.contains("static let dotPng = "))
    #expect(swift.contains("static let dotSvg = "))
  }

  @Test func `bytes that are no text are written as digits`() {
    let swift = StaticFiles([StaticFiles.File(name: "a.png", bytes: [0x89, 0xFF, 0x00])])
      .swiftSource.joined(separator: "\n")

    #expect(swift.contains(#"contentType: "image/png""#))
    #expect(swift.contains(#"hexadecimal: "89ff00""#))
  }
}
