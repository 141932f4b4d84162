@testable import TemplateCompiler

/// Compiles templates given as text.
enum Compiling {
  /// The mistakes in `templates`, by file name, as `name:line:column: message`.
  static func mistakes(_ templates: [String: String]) -> [String] {
    TemplateSet(sources(templates)).diagnostics.map { diagnostic in
      let name = diagnostic.path.dropFirst("templates/".count)
      return "\(name):\(diagnostic.line):\(diagnostic.column): \(diagnostic.message)"
    }
  }

  /// The mistakes of a page whose first line is `{{@view V}}`, as
  /// `line:column: message`.
  static func mistakes(inPage body: String) -> [String] {
    mistakes(["page.html.hbs": "{{@view V}}\n" + body]).map {
      String($0.dropFirst("page.html.hbs:".count))
    }
  }

  /// The same for a manifest.
  static func mistakes(inManifest body: String) -> [String] {
    mistakes(["page.yaml.hbs": "{{@view V}}\n" + body]).map {
      String($0.dropFirst("page.yaml.hbs:".count))
    }
  }

  /// What a template shows where every `if` is true, every loop runs once, and
  /// a value shows its own tag.
  static func outline(_ body: String) -> String {
    let source = SourceText(
      name: "page", path: "page", bytes: Array(("{{@view V}}\n" + body).utf8), format: .html)
    var diagnostics = Diagnostics(source)
    let template = Parser.parse(source, into: &diagnostics)
    return outline(template.nodes, source)
  }

  private static func outline(_ nodes: [Node], _ source: SourceText) -> String {
    nodes.map { node in
      switch node {
      case .text(let range): source.text(range)
      case .value(let path, let kind, _): kind == .raw ? "{{{\(path.text)}}}" : "{{\(path.text)}}"
      case .conditional(_, _, let branches), .each(_, _, let branches), .with(_, _, let branches):
        outline(branches.body, source) + outline(branches.otherwise ?? [], source)
      case .partial(let call): "{{>\(call.name)}}" + outline(call.block ?? [], source)
      case .block: "{{>@}}"
      }
    }.joined()
  }

  private static func sources(_ templates: [String: String]) -> [SourceText] {
    templates.sorted { $0.key < $1.key }.compactMap { name, text in
      SourceText(relativePath: name, root: "templates", bytes: Array(text.utf8))
    }
  }
}
