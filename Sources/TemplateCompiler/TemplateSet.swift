import Templates

/// All templates of one target, checked alone and against each other.
struct TemplateSet {
  struct Entry {
    let template: ParsedTemplate
    let styles: ValueStyles

    /// The folder of the template, where its translations are looked for first.
    var folder: String {
      template.source.name.split(separator: "/").dropLast().joined(separator: "/")
    }
  }

  /// By name.
  private(set) var entries: [String: Entry] = [:]
  private(set) var diagnostics: [Diagnostic] = []
  let translations: Translations

  init(_ sources: [SourceText], translations: Translations = .empty) {
    self.translations = translations
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
      checkTranslations(of: template, into: &problems)
      diagnostics += problems.all
    }
    diagnostics += Self.clashes(among: parsed.values.map(\.source))
    diagnostics.sort { ($0.path, $0.line, $0.column) < ($1.path, $1.line, $1.column) }
  }

  /// What a catalogue has for a text; nil when it stays English.
  func translation(of unit: TextUnit, in entry: Entry) -> MessagePattern? {
    translations.text(unit.key, in: entry.folder)
  }

  /// The texts of pages that no catalogue has, as `template: text`.
  var untranslated: [String] {
    entries.sorted { $0.key < $1.key }.flatMap { name, entry in
      units(of: entry).filter { translation(of: $0, in: entry) == nil }.map { "\(name): \($0.key)" }
    }
  }

  private func units(of entry: Entry) -> [TextUnit] {
    guard entry.template.source.format == .html else { return [] }
    return TextUnits.all(in: entry.template.nodes, of: entry.template.source, entry.styles)
  }

  /// A translation says all that its text says, and nothing else.
  private func checkTranslations(of template: ParsedTemplate, into problems: inout Diagnostics) {
    guard let entry = entries[template.source.name] else { return }
    for unit in units(of: entry) {
      guard let translation = translation(of: unit, in: entry) else { continue }
      let known = Set(unit.values.keys)
      if translation.names != known {
        let names = known.symmetricDifference(translation.names).sorted()
        problems.report(
          "the translation of '\(unit.key)' has other values: \(names.joined(separator: ", "))",
          at: unit.offset)
      }
      if translation.pieces.contains(where: { $0.holdsMarkup }) {
        problems.report(
          "the translation of '\(unit.key)' may not hold '<', '>' or '\"'", at: unit.offset)
      }
    }
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

extension MessagePattern.Piece {
  /// Whether it could end the text, or the attribute, that it stands in.
  fileprivate var holdsMarkup: Bool {
    let texts =
      switch self {
      case .text(let text): [text]
      case .value: [String]()
      case .plural(_, let forms): [forms.one, forms.few, forms.many]
      }
    return texts.contains { $0.utf8.contains { "<>\"".utf8.contains($0) } }
  }
}
