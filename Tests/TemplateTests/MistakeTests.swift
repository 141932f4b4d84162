import Testing

/// Each mistake is reported at its place, with what to do.
struct MistakeTests {
  @Test(arguments: [
    ("a\n  {{#if x}}\nb", "3:3: 'if' is never closed; add {{/if}}"),
    ("{{#if x}}{{/each}}", "2:10: {{/each}} doesn't match 'if', opened on line 2"),
    ("{{/if}}", "2:1: {{/if}} closes nothing"),
    ("{{else}}", "2:1: {{else}} belongs within"),
    ("{{#if x}}{{else}}{{else}}{{/if}}", "2:18: '#if' already has an {{else}}"),
    ("{{#if x}}{{else if y}}{{/if}}", "2:10: 'else' stands alone"),
    ("{{#switch x}}{{/switch}}", "2:1: there is no block 'switch'"),
    ("{{#if}}{{/if}}", "2:1: '#if' must look like {{#if isOpen}}"),
    ("{{#if a b}}{{/if}}", "2:1: '#if' must look like"),
    ("{{#each rows}}{{/each}}", "2:1: '#each' must look like {{#each rows as |row|}}"),
    ("{{#with x as |Y|}}{{/with}}", "2:1: '#with' must look like"),
    ("{{#each rows as |in|}}{{/each}}", "2:1: 'in' is a word of Swift"),
    ("ab {{name", "2:4: this tag never ends; close it with '}}'"),
    ("{{{name}}", "2:1: this tag never ends; close it with '}}}'"),
    ("{{!-- a }}", "2:1: this comment never ends; close it with '--}}'"),
    ("{{a {{b}}", "2:1: this tag never ends"),
    ("{{}}", "2:3: expected a name"),
    ("{{a..b}}", "2:3: expected a name"),
    ("{{a.1}}", "2:3: expected a name"),
    ("{{ _a }}", "2:4: expected a name"),
    ("{{upper name}}", "2:3: unexpected 'name' after 'upper'; there are no helpers"),
    ("{{a + b}}", "2:3: unexpected '+ b'"),
    ("{{~a}}", "2:1: '~' isn't supported"),
    ("{{@params}}", "2:1: '@params' may only stand on the first line"),
    ("{{> nowhere/badge}}", "2:5: there is no template 'nowhere/badge'; expected the file"),
    ("{{> }}", "2:5: expected the name of a template"),
    ("{{> page a=1 a=2}}", "2:14: the argument 'a' is given twice"),
    ("{{> page a=(b)}}", "2:10: an argument must look like"),
    ("{{> page page}}", "2:5: templates may not show themselves: page → page"),
  ])
  func `a mistake in the language names line, column and cure`(body: String, expected: String) {
    let mistakes = Compiling.mistakes(inPage: body)

    #expect(mistakes.contains { $0.hasPrefix(expected) }, "\(mistakes)")
  }

  @Test(arguments: [
    ("<a href={{x}}>", "2:9: put quotes around the value: href=\"{{x}}\""),
    ("<p class=a{{x}}>", "2:11: put quotes around the value"),
    ("<{{x}}>", "2:2: a value can't be the name of a tag"),
    ("</{{x}}>", "2:3: a value can't be the name of a tag"),
    ("<h{{x}}>", "2:3: a value can't be the name of a tag"),
    ("<p {{x}}>", "2:4: a value can't be an attribute or its name"),
    ("<p data-{{x}}=\"\">", "2:9: a value can't be an attribute or its name"),
    ("<p class=\"\"{{x}}>", "2:12: a value can't be an attribute or its name"),
    ("<script>var a = {{x}}</script>", "2:17: no value may stand in <script>"),
    ("<SCRIPT type=module>{{x}}</SCRIPT>", "2:21: no value may stand in <script>"),
    ("<style>{{x}}</style>", "2:8: no value may stand in <style>"),
    ("<p onclick=\"{{x}}\">", "2:13: no value may stand in 'onclick'"),
    ("<p ONCLICK='{{x}}'>", "2:13: no value may stand in 'onclick'"),
    ("<p style=\"{{x}}\">", "2:11: no value may stand in 'style'"),
    ("<img srcset=\"{{x}}\">", "2:14: no value may stand in 'srcset'"),
    ("<iframe srcdoc=\"{{x}}\"></iframe>", "2:17: no value may stand in 'srcdoc'"),
    (
      "<meta http-equiv=\"refresh\" content=\"{{x}}\">", "2:37: no value may stand in 'content'"
    ),
    ("<meta content=\"{{x}}\" http-equiv=\"refresh\">", "2:33: no value may stand in 'content'"),
    ("<p =\"{{x}}\">", "2:4: '=' must follow the name of an attribute"),
    ("<p {{#if x}}title {{/if}}=\"a\">", "2:26: '=' must follow the name of an attribute"),
    ("<a href=\"/x/{{x}}\"></a>", "2:13: 'href' takes one value of type Link"),
    ("<a href=\"{{x}}/y\"></a>", "2:15: nothing may follow the Link in 'href'"),
    ("<a href=\"{{x}}{{y}}\"></a>", "2:15: 'href' takes one value of type Link"),
    ("<!-- {{x}} -->", "2:6: no value may stand in a comment"),
    ("<!doctype {{x}}>", "2:11: no value may stand in a declaration"),
    ("<p class=\"{{{x}}}\">", "2:11: {{{x}}} may only stand between tags"),
    ("<title>{{{x}}}</title>", "2:8: {{{x}}} may only stand between tags"),
    ("<p class=\"{{> page x}}\">", "2:11: a partial may only stand between tags"),
    ("{{#if x}}<p class=\"{{/if}}\">", "2:1: one way through this block ends within"),
    ("{{#if x}}<script>{{else}}<p>{{/if}}", "2:1: one way through this block ends within"),
    ("{{#each x as |y|}}<p title=\"{{/each}}\">", "2:1: one way through this block ends"),
    ("<a href=\"{{#if x}}{{y}}{{else}}/z{{/if}}\">", "2:10: one way through this block"),
    ("<p {{#if x}}on{{/if}}click=\"a\">", "2:22: a space is missing before the next attribute"),
    ("<p {{#if x}}a{{/if}}=\"b\">", "2:21: a space is missing before the next attribute"),
    ("<p a=\"b\"c=\"d\">", "2:9: a space is missing before the next attribute"),
    ("<scr{{#if x}}ipt{{/if}}>", "2:5: one way through this block ends"),
    ("<p class=\"a", "2:12: the template ends within the value of 'class'"),
    ("a <", "2:4: the template ends within a tag's name"),
    ("<textarea><b></textarea>", "2:12: write '&lt;' for '<' in <textarea>"),
    ("<textarea></text{{x}}", "2:17: write '&lt;' for '<' in <textarea>"),
    ("<![CDATA[x]]>", "2:3: CDATA sections aren't supported"),
    ("<script><!-- x</script>", "2:10: a script in a page may not hold '<!'"),
    ("<svg><set to=\"{{x}}\"/></svg>", "2:15: no value may stand in 'to'"),
  ])
  func `a value where no escaping is safe is refused`(body: String, expected: String) {
    let mistakes = Compiling.mistakes(inPage: body)

    #expect(mistakes.contains { $0.hasPrefix(expected) }, "\(mistakes)")
  }

  @Test(arguments: [
    "<p class=\"a-{{x}} b\" data-x='{{y}}' title=\"{{#if a}}{{b}}{{else}}c{{/if}}\">{{z}}</p>",
    "<input {{#if x}}checked{{/if}}>", "<input{{#if x}} checked{{/if}} value=\"{{y}}\"/>",
    "<p {{#if x}}hidden {{/if}}id=\"b\">", "<p {{#if x}}class=\"a\" {{/if}}id=\"b\">",
    "<p {{#each x as |y|}}data-a=\"{{y}}\" {{/each}}>",
    "<a href=\"{{x}}\" class='{{y}}'>", "<a href=\"{{#if x}}{{y}}{{else}}{{z}}{{/if}}\">",
    "<a href=\"/fixed/{{#if x}}a{{/if}}\">", "<title>{{x}} – y</title><p>{{{y}}}</p>",
    "<textarea name=\"a\">{{x}}</textarea>", "1 < 2 {{x}}", "<!-- a --><!----><!-->{{x}}",
    "<script>if (a < b && c > d) {}</script>{{x}}", "<style>a > b {}</style>{{{x}}}",
    "<svg viewBox=\"0 0 {{w}} 1\"><path d=\"{{d}}\"/></svg>", "<p hidden>{{x}}</p >",
    "<!doctype html>\n<html lang=\"{{x}}\">", "<meta name=\"a\" content=\"{{x}}\">",
    "{{#if a}}<p>{{else}}<b>{{/if}}", "{{#unless a}}{{x}}{{/unless}}",
  ])
  func `ordinary markup is accepted`(body: String) {
    #expect(Compiling.mistakes(inPage: body) == [])
  }

  @Test(arguments: [
    ("a: x{{v}}", "2:5: a value can't stand after 'a: x'"),
    ("a: {{v}}x", "2:4: a value can't stand beside other text"),
    ("a: {{v}}{{w}}", "2:4: a value can't stand beside other text"),
    ("a: \"{{v}}\"", "2:5: a value can't stand after 'a: \"'"),
    ("a: [{{v}}]", "2:5: a value can't stand after 'a: ['"),
    ("a: !!str {{v}}", "2:10: a value can't stand after"),
    ("a:{{v}}", "2:3: a value can't stand after 'a:'"),
    ("# {{v}}", "2:3: a value can't stand after '# '"),
    ("{{k}}: x{{v}}", "2:9: a value can't stand after 'x'"),
    ("{{k}}:{{v}}", "2:1: a value can't stand at the start of a line"),
    ("x{{k}}: a", "2:2: a value can't stand after 'x'"),
    ("a: b\n  {{v}}", "3:3: a value can't stand at the start of a line"),
    ("{{v}}", "2:1: a value can't stand at the start of a line"),
    ("b: 1\na: \"x\n  c: {{v}}\n  \"", "3:1: a quoted text must end on its line"),
    ("- 'x\n  {{v}}", "2:1: a quoted text must end on its line"),
    ("a: |\n  {{v}}", "3:3: a value can't stand within a block scalar"),
    ("a: >-\n\n  b\n  c: {{v}}", "5:6: a value can't stand within a block scalar"),
    ("a: {{{v}}}", "2:4: there is no {{{v}}} in YAML; write {{v}}"),
    ("a: {{#if x}}b{{/if}}", "2:4: in YAML a block tag must be alone on its line"),
    ("a: {{> page v}}", "2:4: in YAML a block tag must be alone on its line"),
    ("{{#> page v}}\n{{/page}}", "2:1: there are no layouts in YAML"),
    ("{{> @partial-block}}", "2:1: there are no layouts in YAML"),
  ])
  func `in YAML a value must be a whole scalar`(body: String, expected: String) {
    let mistakes = Compiling.mistakes(inManifest: body)

    #expect(mistakes.contains { $0.hasPrefix(expected) }, "\(mistakes)")
  }

  @Test(arguments: [
    "a: {{v}}\nb:\n  - {{w}}\n  - c: {{x}} # note\n  - - {{y}}\n", "{{k}}: {{v}}\n{{l}}:\n  a: 1",
    "\"a/b\": {{v}}", "app.kubernetes.io/name: {{v}}  ", "- {{k}}: {{v}}",
    "a: |\n  text\nb: {{v}}", "a: >-\n  text\n\n  more\nb:\n  c: {{v}}",
    "a: \"x\"\nb: 'it''s' # note\n- \"c\"", "a: |\n  \"x\n  y\nb: {{v}}",
    "{{#if a}}\nb: {{c}}\n{{else}}\nb: 1\n{{/if}}\n", "a: 1\r\nb: {{v}}\r\n",
  ])
  func `ordinary YAML is accepted`(body: String) {
    #expect(Compiling.mistakes(inManifest: body) == [])
  }
}
