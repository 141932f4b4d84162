import Kubernetes
import Testing

@testable import Domain

struct ManifestParserTests {
  private func parse(_ text: String) throws -> JSONValue {
    try ManifestParser.parse(Array(text.utf8))
  }

  @Test func `mappings, sequences and scalars are read`() throws {
    let text = """
      apiVersion: apps/v1
      metadata:
        name: "web"
        labels:
          app.kubernetes.io/name: "web"
      spec:
        replicas: 3
        low: -7
        on-start: true
        later: false
        none: {}
        empty: []
        list:
          - name: "a"
            value: "1"
            deep:
              key: word
          - "text: with colon"
          - {}
          - 80
          - name: b
      """

    let object = try parse(text)

    #expect(object["apiVersion"] == "apps/v1")
    #expect(object.at("metadata", "labels", "app.kubernetes.io/name") == "web")
    #expect(object.at("spec", "replicas") == 3)
    #expect(object.at("spec", "low") == -7)
    #expect(object.at("spec", "on-start") == true)
    #expect(object.at("spec", "later") == false)
    #expect(object.at("spec", "none") == [:])
    #expect(object.at("spec", "empty") == [])
    let list = try #require(object.at("spec", "list")?.array)
    let first: JSONValue = ["name": "a", "value": "1", "deep": ["key": "word"]]
    #expect(list == [first, "text: with colon", [:], 80, ["name": "b"]])
    #expect(try JSONValue(yaml: text) == object)
  }

  @Test(arguments: [
    ("128Mi", "128Mi"), ("100m", "100m"), ("v1", "v1"), ("apps/v1", "apps/v1"),
    ("TCP", "TCP"), ("a_b", "a_b"), ("-x", "-x"), ("1.27.3", "1.27.3"),
  ])
  func `a plain word is text`(scalar: String, text: String) throws {
    #expect(try parse("key: \(scalar)\n") == ["key": .string(text)])
    #expect(try JSONValue(yaml: "key: \(scalar)\n") == ["key": .string(text)])
  }

  @Test(arguments: [
    // Words that YAML readers don't agree about.
    "null", "Null", "NULL", "~", "yes", "Yes", "NO", "on", "Off", "y", "N", "True", "TRUE", "False",
    ".inf", "-.Inf", ".NaN",
    // Numbers that are not plain whole ones.
    "1.5", ".5", "1e3", "1E3", "-1e-3", "0x10", "0o10", "010", "-010", "00", "-0", "0b1", "1_000",
    "+1", "1.", "-", "nan", "inf", "infinity", "9223372036854775808",
    // Everything that begins something.
    "&a x", "*a", "!t x", "!!str x", "|", "|-", ">", "{a: 1}", "{a}", "[1]", "[", "]", "{", "}",
    "'text'", "@a", "`a`", "%a", "? a", "a b", "a: b", "a:", "a #b", "#a", " a", "a ", "a,b", "é",
    "$x", "(a)", "a*", "a&b", "=", "\\", "a\tb",
  ])
  func `any other plain scalar is refused`(scalar: String) {
    for text in ["key: \(scalar)", "list:\n  - \(scalar)"] where scalar != "a: b" && scalar != "a:"
    {
      #expect(throws: ManifestParser.Mistake.self, "\(text)") { try parse(text) }
    }
    #expect(throws: ManifestParser.Mistake.self) { try parse("key: \(scalar)") }
  }

  @Test(arguments: [
    "", "\n\n", "   ", "word", "\"text\"", "- a", "- a: 1", "{}", "[]", "key", "key:", "key: ",
    "key:\nother: 1", ": 1", "key:1", "key : 1", "key:  1", "key: 1 ", "key: true ",
    // Comments, directives, documents.
    "# comment\nkey: 1", "key: 1 # why", "key: 1\n# end", "%YAML 1.2\n---\nkey: 1", "---\nkey: 1",
    "key: 1\n---\nkey: 2", "key: 1\n...", "key: 1\n---",
    // Keys.
    "'key': 1", "? key\n: 1", "ke y: 1", "kéy: 1", "<<: 1", "*a : 1", "&a key: 1",
    "!t key: 1", "{a: 1}: 2", "[a]: 1", "key$: 1", "key: 1\nkey: 2",
    "\"key\": 1\nkey: 2", "\"key\" : 1", "\"\": 1", "\"key: 1", "\"key\"",
    "a:\n  b: 1\n  b: 2", "list:\n  - a: 1\n    a: 2",
    // Indentation.
    " key: 1", "a:\n    b: 1\n  c: 2", "a:\n  b: 1\n    c: 2", "a: 1\n  b: 2", "a:\n\tb: 1",
    "list:\n- a", "list:\n  - a\n   - b", "list:\n  - a: 1\n     b: 2", "list:\n  -a", "list:\n  -",
    "list:\n  -  a", "list:\n  - - a", "list:\n  - a\n  b: 1", "a:\n  b: 1\n  - c",
    // Scalars over several lines.
    "key: |\n  text", "key: >-\n  text", "key: \"a\n  b\"", "key: a\n  b", "key:\n  a",
    // Control characters.
    "key: 1\r\nother: 2\r\n", "key: \"\t\"", "key: \"\u{0}\"", "key: \"\u{1B}\"", "key: \"\u{7F}\"",
    "key: \"\u{85}\"",
    "key: \"a\u{2028}b\"", "key: \"a\u{2029}b\"", "\u{FEFF}key: 1",
    "key: 1\u{0}",
  ])
  func `what the templates never write is refused`(text: String) {
    #expect(throws: ManifestParser.Mistake.self) { try parse(text) }
  }

  @Test(arguments: [
    #"\n\r\t\0\"\\\/"#, #"\x41"#, #"é"#, #"\u2028\u2029"#, #"\U0001F600"#, "plain é 😀 ' # : -",
    "", " ", "a: b",
  ])
  func `a quoted scalar means what it means to Yams`(inside: String) throws {
    let text = "key: \"\(inside)\""

    #expect(try parse(text) == JSONValue(yaml: text))
  }

  @Test(arguments: [
    "\"", "\"a", "\"a\"b", "\"a\" ", "\"a\" #b", "\"a\"\"", #""\""#, #""\"#, #""\a""#, #""\e""#,
    #""\q""#, #""\N""#, #""\x4""#, #""\x4"#, #""\u12""#, #""\u12"#, #""\uD83D""#,
    #""\uD83D\uDE00""#, #""\U00110000""#, #""\uGGGG""#, #""\u+041""#, #""\u-041""#, #""\x+1""#,
    #""\u 041""#, #""\"# + "é\"",
  ])
  func `a broken quoted scalar is refused`(scalar: String) {
    #expect(throws: ManifestParser.Mistake.self) { try parse("key: \(scalar)") }
    #expect(throws: ManifestParser.Mistake.self) { try parse("list:\n  - \(scalar)") }
  }

  @Test func `what isn't UTF-8 is refused`() {
    let bytes = Array("key: \"".utf8) + [0xC3, 0x28] + Array("\"".utf8)

    #expect(throws: ManifestParser.Mistake.self) { try ManifestParser.parse(bytes) }
  }

  @Test(arguments: [
    ("a: 1\nb: 2\nb: 3", 3, "the key b stands twice"),
    ("a: 1\n\n\nb:\n", 4, "a key without a value"),
    ("", 1, "the document is empty"), ("a: 1\n   b: 2", 2, "unexpected indentation"),
    ("a: \"x", 1, "a broken quoted scalar"), ("a: 1\nb:2", 2, "no space after the colon"),
    ("a: yes", 1, "a plain scalar that isn't a simple word"),
    ("a: 1\n\tb: 2", 2, "a control character"),
  ])
  func `a mistake names its line`(text: String, line: Int, reason: String) {
    #expect(throws: ManifestParser.Mistake(line: line, reason: reason)) { try parse(text) }
  }
}
