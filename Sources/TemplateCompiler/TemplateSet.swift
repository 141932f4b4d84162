/// All templates of one target, checked alone and against each other.
struct TemplateSet {
  struct Entry {
    let template: ParsedTemplate
    let styles: ValueStyles
  }

  /// By name.
  private(set) var entries: [String: Entry] = [:]
  private(set) var diagnostics: [Diagnostic] = []

  init(_ sources: [SourceText]) {
    var parsed: [String: ParsedTemplate] = [:]
    for source in sources.sorted(by: { $0.name < $1.name }) {
      var problems = Diagnostics(source)
      let template = Parser.parse(source, into: &problems)
      parsed[source.name] = template
      entries[source.name] = Entry(
        template: template, styles: Self.styles(of: template, into: &problems))
      diagnostics += problems.all
    }
    for (_, template) in parsed.sorted(by: { $0.key < $1.key }) {
      var problems = Diagnostics(template.source)
      NameChecker.check(template, among: parsed, into: &problems)
      diagnostics += problems.all
    }
    diagnostics += Self.clashes(among: parsed.values.map(\.source))
    diagnostics.sort { ($0.path, $0.line, $0.column) < ($1.path, $1.line, $1.column) }
  }

  /// A YAML partial as it is in a place `count` blanks from the left.
  func indented(_ name: String, by count: Int) -> Entry? {
    guard let entry = entries[name], count > 0 else { return entries[name] }
    // Problems were reported for the template as it stands in its file.
    var ignored = Diagnostics(entry.template.source.indented(by: count))
    let template = Parser.parse(ignored.source, into: &ignored)
    return Entry(template: template, styles: Self.styles(of: template, into: &ignored))
  }

  private static func styles(
    of template: ParsedTemplate, into diagnostics: inout Diagnostics
  ) -> ValueStyles {
    switch template.source.format {
    case .html: HTMLChecker.check(template, into: &diagnostics)
    case .yaml: YAMLChecker.check(template, into: &diagnostics)
    }
  }

  private static func clashes(among sources: [SourceText]) -> [Diagnostic] {
    var owners: [String: String] = [:]
    var result: [Diagnostic] = []
    for source in sources.sorted(by: { $0.name < $1.name }) {
      let function = SwiftNames.function(of: source.name)
      let first = function.split(separator: ".").last?.first
      var message: String?
      if let owner = owners[function] {
        message = "'\(source.name)' and '\(owner)' would both be \(function); rename one"
      } else if first?.isLetter != true {
        message = "the file's name must begin with a letter, to become the name of a function"
      }
      owners[function] = source.name
      if let message {
        result.append(Diagnostic(path: source.path, line: 1, column: 1, message: message))
      }
    }
    return result
  }
}
