import Testing

struct StyleRulesTests {
  private static let sheets = SourceTree.files(below: "Resources/static/styles", endings: ["css"])

  private static let used: UsedClasses = {
    var used = UsedClasses()
    for file in SourceTree.files(below: "Resources/templates", endings: ["html.hbs"]) {
      used.add(template: file.text, path: file.path)
    }
    let code =
      SourceTree.files(below: "Resources/static/scripts", endings: ["js"])
      + SourceTree.files(below: "Sources/Web", endings: ["swift"])
    for file in code { used.add(code: file.text) }
    return used
  }()

  @Test func `styles take colours from the tokens and know no left and right`() {
    let findings = Self.sheets.flatMap { StyleRules.findings(path: $0.path, text: $0.text) }

    #expect(!Self.sheets.isEmpty)
    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test func `every rule is for something that a page can show`() {
    let unused = Self.sheets.flatMap { sheet in
      StyleRules.ruled(sheet.text).filter { !Self.used.contains($0) }
        .map { "\(sheet.path): .\($0)" }
    }

    #expect(unused.isEmpty, "\(unused.sorted().joined(separator: "\n"))")
  }

  @Test func `every class that a template writes has a rule`() {
    let ruled = Self.sheets.reduce(into: Set<String>()) { $0.formUnion(StyleRules.ruled($1.text)) }
    let missing = Self.used.written.filter { !ruled.contains($0.key) }
      .map { "\($0.value): \($0.key)" }

    #expect(missing.isEmpty, "\(missing.sorted().joined(separator: "\n"))")
  }

  @Test func `every token that a style takes is there`() {
    let all = Self.sheets.map { StyleRules.uncommented($0.text) }.joined(separator: "\n")
    let made = Set(all.matches(of: /(--[\w-]+)\s*:/).map { String($0.1) })
    let taken = Set(all.matches(of: /var\((--[\w-]+)/).map { String($0.1) })

    #expect(taken.subtracting(made).isEmpty, "\(taken.subtracting(made))")
    #expect(made.subtracting(taken).isEmpty, "\(made.subtracting(taken))")
  }

  @Test(arguments: [
    "a { color: #fff; }", "a { background: rgb(0 0 0 / 50%); }", "a { color: white; }",
    "a { margin-left: 1rem; }", "a { text-align: right; }", "a { left: 0; }",
    "a { padding: 1px 2px 3px 4px; }",
  ])
  func `a forbidden line of a style is found`(line: String) {
    #expect(StyleRules.findings(path: "styles/page.css", text: line).count == 1)
  }

  @Test(arguments: [
    "a { color: var(--ink); }", "/* #fff, on the left */", "a { margin-inline-start: 1rem; }",
    "a { white-space: nowrap; }", "a { color: CanvasText; }",
  ])
  func `a harmless line of a style is not found`(line: String) {
    #expect(StyleRules.findings(path: "styles/page.css", text: line).isEmpty)
  }

  @Test func `classes are read out of selectors, attributes and strings`() {
    var used = UsedClasses()
    used.add(template: #"<p class="a b-{{x}}{{#if y}} c{{/if}}">"#, path: "p")
    used.add(code: #"let name = "method d-\(x)""#)

    #expect(
      StyleRules.ruled("/* .z */ .a:hover > .b-good { content: \".no\" }") == ["a", "b-good"])
    #expect(used.written.keys.sorted() == ["a", "c"])
    #expect(["b-good", "method", "d-post"].allSatisfy(used.contains))
    #expect(!used.contains("e"))
  }
}
