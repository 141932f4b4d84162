import Testing

@testable import Templates

/// What a writer makes of values, without any template.
struct EscapingTests {
  private func html(_ text: String) -> String {
    String(decoding: HTML.text(text).bytes, as: UTF8.self)
  }

  private func yaml(_ value: some TextRepresentable) -> String {
    var writer = TemplateWriter(reserving: 0)
    writer.yaml(value)
    return String(decoding: writer.document(), as: UTF8.self)
  }

  @Test(arguments: [
    ("plain", "plain"),
    ("", ""),
    ("<b>&\"'</b>", "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;"),
    ("a]]>b", "a]]&gt;b"),
    ("\"\u{301} onmouseover=\"x", "&quot;\u{301} onmouseover=&quot;x"),
    ("<\u{338}script>", "&lt;\u{338}script&gt;"),
    ("a\u{0}b", "a\u{FFFD}b"),
    ("a\rb\r\nc", "a&#13;b&#13;\nc"),
    ("\u{85}\u{2028}\u{FEFF}", "\u{85}\u{2028}\u{FEFF}"),
    ("👩‍👩‍👧 é", "👩‍👩‍👧 é"),
    ("&amp;", "&amp;amp;"),
  ])
  func `HTML text reads back as it was typed`(text: String, expected: String) {
    // Strings compare by canonical equivalence, bytes don't.
    #expect(Array(html(text).utf8) == Array(expected.utf8))
  }

  @Test func `no byte that HTML treats specially survives within any pair of characters`() {
    for first in UInt8(0)..<128 {
      for second in ["\u{301}", "\u{20D0}", "\u{200D}", "\u{FE0F}", "x"] {
        let text = String(UnicodeScalar(first)) + second
        let bytes = HTML.text(text).bytes
        #expect(!bytes.contains { "<>\"'".utf8.contains($0) || $0 == 0 || $0 == 0x0D })
      }
    }
  }

  @Test(arguments: [
    ("plain", #""plain""#),
    ("", #""""#),
    ("no", #""no""#),
    ("1e3", #""1e3""#),
    ("a\nb: c", #""a\nb: c""#),
    ("a\rb\tc", #""a\rb\tc""#),
    (#"say "hi" \ bye"#, #""say \"hi\" \\ bye""#),
    ("\"\u{301}", "\"\\\"\u{301}\""),
    ("\u{0}\u{1}\u{1F}\u{7F}", #""\0\u0001\u001F\u007F""#),
    ("\u{80}\u{85}\u{9F}\u{A0}", "\"\\u0080\\u0085\\u009F\u{A0}\""),
    ("\u{2028}\u{2029}\u{2027}", "\"\\u2028\\u2029\u{2027}\""),
    ("\u{FEFF}x\u{FFFE}\u{FFFF}\u{FFFD}", "\"\\uFEFFx\\uFFFE\\uFFFF\u{FFFD}\""),
    ("👩‍👧", "\"👩‍👧\""),
    ("--- {{x}} &a *a # no", #""--- {{x}} &a *a # no""#),
  ])
  func `a string is one quoted YAML scalar on one line`(text: String, expected: String) {
    #expect(Array(yaml(text).utf8) == Array(expected.utf8))
    #expect(Array(yaml(text[...]).utf8) == Array(expected.utf8))
  }

  @Test func `numbers and booleans are plain in YAML and quoted as keys`() {
    #expect(yaml(0) == "0")
    #expect(yaml(Int.min) == "-9223372036854775808")
    #expect(yaml(UInt64.max) == "18446744073709551615")
    #expect(yaml(Int8(-128)) == "-128")
    #expect(yaml(true) == "true")
    #expect(yaml("true") == #""true""#)

    var writer = TemplateWriter(reserving: 0)
    writer.yamlKey(8080)
    #expect(Array(writer.document()) == Array(#""8080""#.utf8))
  }

  @Test func `a type that only claims to be a number is quoted`() {
    struct Liar: TextRepresentable {
      static var isPlainInYAML: Bool { true }
      var templateText: String { "1\nprivileged: true" }
    }

    #expect(yaml(Liar()) == #""1\nprivileged: true""#)
  }

  @Test func `a writer grows as far as it must`() {
    var writer = TemplateWriter(reserving: 0)

    for _ in 0..<10_000 { writer.literal("0123456789") }
    writer.text(String(repeating: "<", count: 10_000))

    let bytes = writer.html().bytes
    #expect(bytes.count == 140_000)
    #expect(bytes.suffix(4) == Array("&lt;".utf8)[...])
  }
}
