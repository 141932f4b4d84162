import Testing

@testable import CommandLine

struct YAMLTests {
  private func read(_ text: String) throws -> JSON {
    try #require(try YAMLText.read(text, from: "a.yaml").first)
  }

  @Test func `scalars that only look like numbers stay texts`() throws {
    let value = try read(
      """
      a: 1.10
      b: 010
      c: yes
      d: 8080
      e: true
      f: "8080"
      g: ~
      h: -3
      i: 1e3
      """)

    #expect(
      value == [
        "a": "1.10", "b": "010", "c": "yes", "d": 8080, "e": true, "f": "8080", "g": nil,
        "h": -3, "i": "1e3",
      ])
  }

  @Test(arguments: [
    ("a: 1\na: 2\n", "a is there twice"), ("a: [1\n", "line "), ("a: &x 1\nb: *y\n", "a.yaml"),
  ])
  func `a mistake is told with its place`(text: String, part: String) {
    let error = #expect(throws: ClientError.self) { try read(text) }

    #expect(error?.outcome == .misused)
    #expect(error?.line.contains(part) == true)
  }

  @Test func `nesting without end is refused`() {
    #expect(throws: ClientError.self) { try read(String(repeating: "[", count: 5000)) }
  }

  @Test(arguments: [
    "plain", "yes", "No", "on", "1", "1.10", "010", "0x1f", "1e3", "~", "null", "", " a ", "a: b",
    "#a", "- a", "{a}", "two\nlines\n", "two\nlines", "  indented\nlines\n", "\nfirst is empty\n",
    "tab\there", "tab\there\nand\n", "\u{1}", "\u{1B}[2J\nx\n", "a\r\nb\n", "süß 🙂", "'", "\"",
    "trailing \nspace\n", "2001-01-01", "1:30", "=", "<<", "\u{85}x\n\u{2028}", "a\n\u{2028}b",
    "---\n", "...",
  ])
  func `every text comes back as it was`(text: String) throws {
    let value: JSON = ["files": ["/a": .string(text)], "list": [.string(text)], "name": "web"]

    let written = try YAMLText.write(value, order: [])

    #expect(try read(written) == value, "\(written)")
  }

  @Test func `a file has its keys in the order of the documentation`() throws {
    let name = ApplicationName(project: "shop", application: "web")
    let text = try SpecificationDocument.text(
      of: [
        "userID": 1000, "image": "nginx:1.27", "ports": [80, "53/UDP"], "command": [],
        "environment": ["B": "yes", "A": "1"], "files": ["/etc/app.conf": "a = 1\nb = 2\n"],
        "secretValues": ["PASSWORD": nil], "registryLogin": ["user": "ann", "password": nil],
        "undoesFailures": true,
      ], named: name, from: try ServerAddress("https://example.com"))

    #expect(
      text == """
        # yaml-language-server: $schema=https://example.com/schema/application.json
        name: web
        project: shop
        image: nginx:1.27
        ports: [80, 53/UDP]
        environment:
          A: '1'
          B: 'yes'
        files:
          /etc/app.conf: |
            a = 1
            b = 2
        userID: 1000

        """)
  }
}

struct SpecificationDocumentTests {
  private func read(
    _ text: String, project: String? = nil
  ) throws -> [SpecificationDocument] {
    try SpecificationDocument.read(text, from: "a.yaml", project: project)
  }

  @Test func `project and podSecurity don't go to the server`() throws {
    let document = try #require(
      try read("name: web\nproject: shop\npodSecurity: restricted\nimage: nginx\n").first)

    #expect(document.name == ApplicationName(project: "shop", application: "web"))
    #expect(document.specification == ["name": "web", "image": "nginx"])
  }

  @Test func `a file may hold several, and a flag chooses the project`() throws {
    let documents = try read(
      "name: a\nimage: x\n---\nname: b\nproject: shop\nimage: y\n---\n", project: "other")

    #expect(documents.map(\.name.description) == ["other/a", "other/b"])
  }

  @Test func `what a file can't say stays as it is`() throws {
    let document = try #require(try read("name: web\nproject: shop\nimage: nginx\n").first)

    let whole = document.keeping([
      "image": "old", "replicas": 3, "secretValues": ["PASSWORD": nil], "undoesFailures": true,
    ])

    #expect(
      whole.specification == [
        "name": "web", "image": "nginx", "secretValues": ["PASSWORD": nil],
        "undoesFailures": true,
      ])
    #expect(document.keeping(nil).specification == document.specification)
  }

  @Test(arguments: [
    ("", "no specification"), ("- a\n", "isn't a mapping"), ("image: nginx\n", "has no name"),
    ("name: Web!\nproject: shop\n", "DNS label"), ("name: web\nimage: nginx\n", "no project"),
    ("name: web\nproject: shop\nsecretValues: {A: b}\n", "babyhelm secrets set"),
  ])
  func `a file that can't be used says why`(text: String, part: String) {
    let error = #expect(throws: ClientError.self) { try read(text) }

    #expect(error?.outcome == .misused)
    #expect(error?.line.contains(part) == true, "\(error?.line ?? "")")
    #expect(error?.line.contains("a.yaml") == true)
  }
}
