import Testing

struct WhitespaceTests {
  @Test(arguments: [
    ("a\n  {{#if x}}\n  b\n  {{else}}\n  c\n  {{/if}}\nd", "a\n  b\n  c\nd"),
    ("{{! note }}\na\n{{!-- {{more}} --}}\n", "a\n"),
    ("a\r\n{{#if x}}\r\nb\r\n{{/if}}\r\nc", "a\r\nb\r\nc"),
    ("a\n{{#if x}}b{{/if}}\nc", "a\nb\nc"),
    ("a {{! note }} b", "a  b"),
    ("  {{x}}\n", "  {{x}}\n"),
    ("  {{{x}}}\n", "  {{{x}}}\n"),
    ("a\n\t{{> p}} \nb", "a\n{{>p}}b"),
    ("{{#> l}}\n a\n{{/l}}", "{{>l}} a\n"),
    ("{{#each a as |b|}}\n{{#if b}}\nx\n{{/if}}\n{{/each}}\n", "x\n"),
    ("{{#if a}} {{/if}}\n", " \n"),
    ("{{#> l\n  a=b\n}}\nx\n{{/l}}", "{{>l}}x\n"),
    (#"a \{{b}} c"#, "a {{b}} c"),
    (#"\{{{b}}}"#, "{{{b}}}"),
    ("}} { {", "}} { {"),
  ])
  func `a line that holds only a block tag disappears`(body: String, expected: String) {
    #expect(Array(Compiling.outline(body).utf8) == Array(expected.utf8))
  }
}
