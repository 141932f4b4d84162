/// Templates that use every construct, a program that shows them, and what it
/// must print.
enum Samples {
  static let templates = [
    "layouts/page.html.hbs": """
    {{@params title: String, banner: String? = nil}}
    <!doctype html>
    <title>{{title}}</title>
    <link rel="stylesheet" href="{{StaticAssets.stylesheet}}">
    {{#with banner as |text|}}
    <p>{{text}}</p>
    {{/with}}
    <main>
      {{> @partial-block}}
    </main>

    """,
    "partials/badge.html.hbs": """
    {{@params status: String, link: Link? = nil, count: Int = 0, open: Bool = false}}
    {{#with link as |link|}}
    <a class="badge-{{status}}" href="{{link}}"{{#if open}} aria-current="true"{{/if}}>{{count}}</a>
    {{else}}
    <b class="badge-{{status}}">{{count}}</b>
    {{/with}}

    """,
    "projects/show.html.hbs": """
    {{@view ProjectView}}
    {{! shown in the layout }}
    {{#> layouts/page title=name banner="Say \\"hi\\""}}
    {{{intro}}}
    {{#each rows as |row|}}
    {{> projects/_row row}}
    {{else}}
    <p>None of \\{{rows}}.</p>
    {{/each}}
    <textarea>{{note}}</textarea>
    {{> partials/badge link="/a?b=1&c" status="ok" open=true count=-3}}
    {{/layouts/page}}

    """,
    "projects/_row.html.hbs": """
    {{@view RowView}}
    <p id="row-{{this.name}}">{{name}}{{#unless isReady}} waits{{/unless}}
    {{> partials/badge status=name link=link}}
    {{#each tags as |tag|}}{{tag}},{{/each}}</p>

    """,
    "errors/not-found.html.hbs": "{{@params}}\nNot found: é 👩‍👧 \"\\\n",
    "manifests/deployment.yaml.hbs": """
    {{@view DeploymentView}}
    metadata:
      name: {{name}}
      labels:
        {{> manifests/_labels labels=labels}}
    spec:
      replicas: {{replicas}}
      {{#if isPaused}}
      paused: {{isPaused}}
      {{/if}}
      template:
        metadata:
          {{> manifests/_metadata labels=labels}}

    """,
    "manifests/_metadata.yaml.hbs": """
    {{@params labels: [LabelView]}}
    labels:
      {{> manifests/_labels labels=labels}}

    """,
    "manifests/_labels.yaml.hbs": """
    {{@params labels: [LabelView]}}
    {{#each labels as |label|}}
    {{label.key}}: {{label.value}}
    {{/each}}

    """,
  ]

  static let files = [
    "styles/base.css": "p::before { content: \"\\2028\"; }\n", "icons/logo.svg": "<svg/>\n",
  ]

  static let program = #"""
    import Templates

    struct RowView {
      let name: String
      let link: Link?
      let isReady: Bool
      let tags: [Substring]
    }
    struct ProjectView {
      let name: String
      let intro: HTML
      let rows: [RowView]
      let note: String
    }
    struct LabelView {
      let key: String
      let value: String
    }
    struct DeploymentView {
      let name: String
      let labels: [LabelView]
      let replicas: Int
      let isPaused: Bool
    }

    func show(_ bytes: [UInt8]) { print(String(decoding: bytes, as: UTF8.self)) }

    let rows = [
      RowView(name: "a\"\u{301}<", link: Link(path: "/x?y=1&z='"), isReady: false, tags: ["1", "&"]),
      RowView(name: "b", link: nil, isReady: true, tags: []),
    ]
    show(Template.Projects.show(
      ProjectView(name: "P & Q", intro: HTML(trusted: Array("<hr>".utf8)), rows: rows, note: "\nx")
    ).bytes)
    show(Template.Projects.show(
      ProjectView(name: "", intro: .empty, rows: [], note: "")).bytes)
    show(Template.Errors.notFound().bytes)
    func appendingTwice() -> HTML {
      var writer = TemplateWriter(reserving: 0)
      Template.Partials.badge(status: "s", count: 2, into: &writer)
      Template.Partials.badge(status: "t", into: &writer)
      return writer.html()
    }
    show(appendingTwice().bytes)
    show(Template.Layouts.page(title: "T") { $0.text("<") }.bytes)
    show(ManifestTemplate.Manifests.deployment(
      DeploymentView(
        name: "a\n---\nb", labels: [
          LabelView(key: "k: v", value: "no"), LabelView(key: "", value: "\u{0}\u{2028}{{x}}"),
        ], replicas: 3, isPaused: true)))
    for asset in StaticAssets.all {
      print(asset.path, asset.link == Link(path: asset.path), asset.contentType, asset.etag)
      show(asset.bytes)
    }
    print(StaticAssets.iconsLogo.text, StaticAssets.script.text)
    """#

  static let output = """
    <!doctype html>
    <title>P &amp; Q</title>
    <link rel="stylesheet" href="/static/app-CSSHASH.css">
    <p>Say &quot;hi&quot;</p>
    <main>
    <hr>
    <p id="row-a&quot;\u{301}&lt;">a&quot;\u{301}&lt; waits
    <a class="badge-a&quot;\u{301}&lt;" href="/x?y=1&amp;z=%27">0</a>
    1,&amp;,</p>
    <p id="row-b">b
    <b class="badge-b">0</b>
    </p>
    <textarea>
    \nx</textarea>
    <a class="badge-ok" href="/a?b=1&amp;c" aria-current="true">-3</a>
    </main>

    <!doctype html>
    <title></title>
    <link rel="stylesheet" href="/static/app-CSSHASH.css">
    <p>Say &quot;hi&quot;</p>
    <main>

    <p>None of {{rows}}.</p>
    <textarea>
    </textarea>
    <a class="badge-ok" href="/a?b=1&amp;c" aria-current="true">-3</a>
    </main>

    Not found: é 👩‍👧 "\\

    <b class="badge-s">2</b>
    <b class="badge-t">0</b>

    <!doctype html>
    <title>T</title>
    <link rel="stylesheet" href="/static/app-CSSHASH.css">
    <main>
    &lt;</main>

    metadata:
      name: "a\\n---\\nb"
      labels:
        "k: v": "no"
        "": "\\0\\u2028{{x}}"
    spec:
      replicas: 3
      paused: true
      template:
        metadata:
          labels:
            "k: v": "no"
            "": "\\0\\u2028{{x}}"

    /static/app-CSSHASH.css true text/css; charset=utf-8 "CSSHASH"
    p::before { content: "\\2028"; }

    /static/app-cbf29ce484222325.js true text/javascript; charset=utf-8 "cbf29ce484222325"

    /static/icons/logo-SVGHASH.svg true image/svg+xml "SVGHASH"
    <svg/>

    /static/icons/logo-SVGHASH.svg /static/app-cbf29ce484222325.js

    """
    .replacing("CSSHASH", with: "3b53d1c730f2b9be")
    .replacing("SVGHASH", with: "6269d2f765d99eb8")
}
