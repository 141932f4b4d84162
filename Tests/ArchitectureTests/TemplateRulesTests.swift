import Testing

/// What templates and static files never contain, so that the content-security policy can forbid
/// it and no page asks another host for anything.
enum TemplateRules {
  static func findings(path: String, text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().flatMap { index, line in
      reasons(against: String(line), in: path).map { "\(path):\(index + 1): \($0)" }
    } + (path.hasSuffix(".html.hbs") ? scripts(path: path, text: text) : [])
  }

  private static func reasons(against line: String, in path: String) -> [String] {
    path.hasSuffix(".html.hbs") ? markup(line) : path.hasSuffix(".hbs") ? [] : asset(line)
  }

  private static func markup(_ line: String) -> [String] {
    let rules: [(Regex<Substring>, String)] = [
      (/(?:^|\s)style\s*=/, "inline style"), (/<style\b/, "style element"),
      (/(?:^|\s)on[a-z]+\s*=/, "event handler attribute"), (/javascript:/, "script as an address"),
      (
        /(?:^|\s)(?:src|srcset|poster|data|action|formaction)\s*=\s*["']?(?:https?:)?\/\//,
        "resource of another host"
      ),
      (/<link\b[^>]*href\s*=\s*["']?(?:https?:)?\/\//, "resource of another host"),
    ]
    return rules.filter { line.contains($0.0.plainWords.ignoresCase()) }.map(\.1)
  }

  /// Styles, scripts and icons.
  private static func asset(_ line: String) -> [String] {
    let text = line.drop { $0 == " " }
    guard !["//", "/*", "*"].contains(where: text.hasPrefix) else { return [] }
    let named = text.replacing("http://www.w3.org/", with: "")
    var reasons: [String] = []
    if named.contains(/https?:\/\//) || named.contains(/url\(\s*["']?\/\//) {
      reasons.append("resource of another host")
    }
    if named.contains(/\beval\(|\bnew Function\(|document\.write\(/.plainWords) {
      reasons.append("text run as a script")
    }
    return reasons
  }

  /// A script element has an address and no text.
  private static func scripts(path: String, text: String) -> [String] {
    text.matches(of: /<script\b([^>]*)>([^<]*)/.plainWords.ignoresCase())
      .filter { !$0.1.contains("src=") || !$0.2.allSatisfy(\.isWhitespace) }
      .map { _ in "\(path): script without an address, or with text in it" }
  }
}

struct TemplateRulesTests {
  @Test func `templates have no inline script or style and stay on this host`() {
    let files = SourceTree.files(
      below: "Resources", endings: ["hbs", "html", "css", "js", "svg", "json"])
    // Sentences of catalogues may name an address; the compiler refuses markup in them.
    let findings = files.filter { !$0.path.hasPrefix("Resources/texts/") }.flatMap {
      TemplateRules.findings(path: $0.path, text: $0.text)
    }

    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test(arguments: [
    #"<p style="color: red">"#, "<style>", #"<a onclick="go()">"#, #"<a href="javascript:go()">"#,
    #"<img src="https://example.com/a.png">"#, "<script>go()</script>",
    #"<script src="/a.js">go()</script>"#, #"<link rel="icon" href="//example.com/a.ico">"#,
  ])
  func `a forbidden template line is found`(line: String) {
    #expect(TemplateRules.findings(path: "page.html.hbs", text: line).count == 1)
  }

  @Test(arguments: [
    ("style.css", "@import url(https://example.com/a.css);"),
    ("style.css", "a { background: url(//example.com/a.png) }"),
    ("live.js", #"fetch("https://example.com")"#), ("live.js", "eval(text)"),
  ])
  func `a forbidden asset line is found`(path: String, line: String) {
    #expect(TemplateRules.findings(path: path, text: line).count == 1)
  }

  @Test(arguments: [
    ("page.html.hbs", #"<script src="{{assets.script}}" defer></script>"#),
    ("page.html.hbs", #"<a href="https://kubernetes.io/docs" class="on">on = off</a>"#),
    ("icon.svg", #"<svg xmlns="http://www.w3.org/2000/svg">"#),
    ("live.js", "// https://html.spec.whatwg.org/#event-stream"),
    ("deployment.yaml.hbs", "action: {{action}}"),
  ])
  func `a harmless line is not found`(path: String, line: String) {
    #expect(TemplateRules.findings(path: path, text: line).isEmpty)
  }
}
