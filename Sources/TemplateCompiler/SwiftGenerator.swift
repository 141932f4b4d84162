/// Writes the Swift source for all templates of a target.
struct SwiftGenerator {
  private let set: TemplateSet
  private var lines: [String] = []
  private var sizes: [String: Int] = [:]

  static func source(for set: TemplateSet, assets: StaticFiles?) -> String {
    var generator = SwiftGenerator(set: set)
    generator.lines = [
      "// Made from the templates of this package by CompileTemplates. Changes here are lost.",
      "import Templates", "",
    ]
    generator.writeTemplates()
    if let assets { generator.lines += assets.swiftSource + set.translations.swiftSource }
    return generator.lines.joined(separator: "\n") + "\n"
  }

  private init(set: TemplateSet) {
    self.set = set
  }

  // MARK: The tree of enums

  private final class Folder {
    var functions: [[String]] = []
    var folders: [String: Folder] = [:]
  }

  private mutating func writeTemplates() {
    let root = Folder()
    var indented: [FunctionWriter.IndentedPartial] = []
    for (name, entry) in set.entries.sorted(by: { $0.key < $1.key }) {
      let folder = self.folder(of: name, in: root)
      folder.functions.append(functions(for: name, entry, indented: &indented))
    }
    var written: Set<FunctionWriter.IndentedPartial> = []
    while let partial = indented.popLast() {
      guard written.insert(partial).inserted,
        let entry = set.indented(partial.name, by: partial.indentation)
      else { continue }
      let folder = self.folder(of: partial.name, in: root)
      folder.functions.append(
        writingFunction(
          entry, suffix: "Indented\(partial.indentation)", indented: &indented))
    }
    write(root, named: "Template", depth: 0)
  }

  private func folder(of template: String, in root: Folder) -> Folder {
    var folder = root
    for part in template.split(separator: "/").dropLast() {
      let name = SwiftNames.type(part)
      let next = folder.folders[name] ?? Folder()
      folder.folders[name] = next
      folder = next
    }
    return folder
  }

  private mutating func write(_ folder: Folder, named name: String, depth: Int) {
    let margin = String(repeating: "  ", count: depth)
    lines.append(margin + "enum \(name) {")
    for function in folder.functions { lines += function }
    for (name, folder) in folder.folders.sorted(by: { $0.key < $1.key }) {
      write(folder, named: name, depth: depth + 1)
    }
    lines.append(margin + "}")
  }

  // MARK: Functions

  /// The function that returns the result, and the one that appends it.
  private mutating func functions(
    for name: String, _ entry: TemplateSet.Entry,
    indented: inout [FunctionWriter.IndentedPartial]
  ) -> [String] {
    let template = entry.template
    let isHTML = template.source.format == .html
    let member = SwiftNames.declared(Self.member(name))
    var parameters = Self.parameters(of: template.signature)
    var arguments = template.signature.parameters.map { "\($0.name): \($0.name)" }
    if case .view = template.signature.kind { arguments = ["_view"] }
    arguments.append("into: &_w")
    if template.signature.hasBlock {
      parameters.append("block _block: (inout TemplateWriter) -> Void")
      arguments.append("block: _block")
    }
    let size = size(of: name)
    return [
      location(template, line: 1),
      "static func \(member)(\(parameters.joined(separator: ", "))) -> "
        + (isHTML ? "HTML {" : "[UInt8] {"),
      "#sourceLocation()",
      "  var _w = TemplateWriter(reserving: \(size))",
      "  \(SwiftNames.function(of: name))(\(arguments.joined(separator: ", ")))",
      "  return _w.\(isHTML ? "html" : "document")()",
      "}",
    ] + writingFunction(entry, suffix: "", indented: &indented)
  }

  private func writingFunction(
    _ entry: TemplateSet.Entry, suffix: String,
    indented: inout [FunctionWriter.IndentedPartial]
  ) -> [String] {
    let template = entry.template
    let writer = FunctionWriter(entry, in: set, depth: 1)
    indented += writer.indentedPartials
    let member = SwiftNames.declared(Self.member(template.source.name) + suffix)
    var parameters = Self.parameters(of: template.signature)
    parameters.append("into _w: inout TemplateWriter")
    if template.signature.hasBlock {
      parameters.append("block _block: (inout TemplateWriter) -> Void")
    }
    return [
      location(template, line: 1),
      "static func \(member)(\(parameters.joined(separator: ", "))) {",
    ] + writer.lines + ["}", "#sourceLocation()"]
  }

  private static func member(_ name: String) -> String {
    SwiftNames.member(name.split(separator: "/").last ?? "")
  }

  private static func parameters(of signature: Signature) -> [String] {
    if case .view(let type) = signature.kind { return ["_ _view: \(type)"] }
    return signature.parameters.map { parameter in
      "\(parameter.name): \(parameter.type)"
        + (parameter.defaultValue.map { " = \($0)" } ?? "")
    }
  }

  private func location(_ template: ParsedTemplate, line: Int) -> String {
    "#sourceLocation(file: \(SwiftNames.literal(template.source.path)), line: \(line))"
  }

  // MARK: Sizes

  /// How many bytes to reserve: the text in the template and what it shows, a
  /// little for each value, and a dozen rounds for each loop.
  private mutating func size(of name: String) -> Int {
    if let known = sizes[name] { return known }
    guard let entry = set.entries[name] else { return 0 }
    // Also ends a recursion, which has been refused by then.
    sizes[name] = 0
    let size = size(of: entry.template.nodes)
    sizes[name] = min(size, 65_536)
    return sizes[name] ?? size
  }

  private mutating func size(of nodes: [Node]) -> Int {
    var sum = 0
    for node in nodes {
      switch node {
      case .text(let range): sum += range.count
      case .value: sum += 24
      case .conditional(_, _, let branches), .with(_, _, let branches):
        let body = size(of: branches.body)
        sum += max(body, size(of: branches.otherwise ?? []))
      case .each(_, _, let branches):
        let body = size(of: branches.body)
        sum += max(12 * body, size(of: branches.otherwise ?? []))
      case .partial(let call):
        sum += size(of: call.name)
        sum += size(of: call.block ?? [])
      case .block: break
      }
    }
    return sum
  }
}
