import Testing

/// What templates demand of each other, and of their first lines.
struct TemplateSetTests {
  private let badge = "{{@params status: String, link: Link? = nil}}\n{{status}}"

  @Test(arguments: [
    ("<p>", "a.html.hbs:1:1: the first line must say what the template takes"),
    ("", "a.html.hbs:1:1: the first line must say what the template takes"),
    ("\n{{@view V}}", "a.html.hbs:1:1: the first line must say"),
    ("{{@view}}", "a.html.hbs:1:1: '@view' takes the name of one type"),
    ("{{@view A B}}", "a.html.hbs:1:1: '@view' takes the name of one type"),
    ("{{@params a}}", "a.html.hbs:1:11: '@params' takes 'name: Type' pairs"),
    ("{{@params a: Int =}}", "a.html.hbs:1:11: '@params' takes 'name: Type' pairs"),
    ("{{@params a: Int, a: Int}}", "a.html.hbs:1:19: the parameter 'a' is declared twice"),
    ("{{@params A: Int}}", "a.html.hbs:1:11: 'A' can't be a parameter"),
    ("{{@params this: Int}}", "a.html.hbs:1:11: 'this' can't be a parameter"),
    ("{{@params into: Int}}", "a.html.hbs:1:11: 'into' can't be a parameter"),
    ("{{@params for: Int}}", "a.html.hbs:1:1: 'for' is a word of Swift"),
    ("{{@params a: Int}}\n{{b.c}}", "a.html.hbs:2:3: unknown name 'b'; there is 'a'"),
    ("{{@params}}\n{{b}}", "a.html.hbs:2:3: unknown name 'b'; it takes nothing"),
    (
      "{{@params a: [Int]}}\n{{#each a as |b|}}{{b}}{{/each}}{{b}}",
      "a.html.hbs:2:35: unknown name 'b'"
    ),
  ])
  func `the first line says what a template takes`(text: String, expected: String) {
    let mistakes = Compiling.mistakes(["a.html.hbs": text])

    #expect(mistakes.contains { $0.hasPrefix(expected) }, "\(mistakes)")
  }

  @Test(arguments: [
    ("{{> badge}}", "2:5: 'badge' also needs 'status (String)'"),
    ("{{> badge status=a colour=b}}", "2:20: 'badge' has no parameter 'colour'; it takes"),
    ("{{> badge a}}", "2:11: an argument of 'badge' needs a name, such as status=…"),
    (
      "{{> badge status=a link=\"//evil\"}}",
      "2:20: a Link written in a template must be a path on this site"
    ),
    ("{{#> badge status=a}}x{{/badge}}", "2:6: 'badge' takes no content"),
    ("{{> frame}}", "2:5: 'frame' is a layout; use {{#> frame}}…{{/frame}}"),
    ("{{> row}}", "2:5: 'row' takes one value, its view: {{> row row}}"),
    ("{{> row v=a}}", "2:5: 'row' takes one value, its view"),
    ("{{> manifest a}}", "2:5: 'manifest' is of another format"),
  ])
  func `a partial gets what it asks for`(body: String, expected: String) {
    let mistakes = Compiling.mistakes([
      "badge.html.hbs": badge, "frame.html.hbs": "{{@params}}\n{{> @partial-block}}",
      "row.html.hbs": "{{@view R}}\n", "manifest.yaml.hbs": "{{@view M}}\n",
      "page.html.hbs": "{{@view V}}\n" + body,
    ])

    #expect(mistakes.contains { $0.hasPrefix("page.html.hbs:" + expected) }, "\(mistakes)")
  }

  @Test func `templates that show each other are refused`() {
    let mistakes = Compiling.mistakes([
      "a.html.hbs": "{{@params}}\n{{> b}}", "b.html.hbs": "{{@params}}\n<p>{{> c}}",
      "c.html.hbs": "{{@params}}\n{{> b}}",
    ])

    #expect(
      mistakes == [
        "b.html.hbs:2:8: templates may not show themselves: b → c → b",
        "c.html.hbs:2:5: templates may not show themselves: c → b → c",
      ])
  }

  @Test func `two files that become the same function are refused`() {
    let mistakes = Compiling.mistakes([
      "projects/_row.html.hbs": "{{@params}}", "projects/row.html.hbs": "{{@params}}",
      "1.html.hbs": "{{@params}}",
    ])

    #expect(
      mistakes == [
        "1.html.hbs:1:1: the file's name must begin with a letter, to become the name of a function",
        "projects/row.html.hbs:1:1: 'projects/row' and 'projects/_row' would both be "
          + "Template.Projects.row; rename one",
      ])
  }

  @Test func `every mistake of a file is reported at once`() {
    let mistakes = Compiling.mistakes(inPage: "{{a b}}\n<p class={{x}}>\n{{/if}}\n{{#if z}}")

    #expect(mistakes.map { $0.prefix(4) } == ["2:3:", "3:10", "4:1:", "5:1:"])
  }

  @Test func `a layout shows its content once`() {
    let mistakes = Compiling.mistakes([
      "a.html.hbs": "{{@params}}\n{{> @partial-block}}\n{{> @partial-block}}"
    ])

    #expect(mistakes == ["a.html.hbs:3:1: a layout shows its content only once"])
  }
}
