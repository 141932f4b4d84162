import Templates

/// Writes the body of one template's function.
struct FunctionWriter {
  private let set: TemplateSet
  private let entry: TemplateSet.Entry
  private let source: SourceText
  private var variables: [String]
  private var depth: Int
  private var counter = 0
  /// Text that is still to be written, so that neighbours become one literal.
  private var pendingText: [UInt8] = []
  private(set) var lines: [String] = []
  /// YAML partials that are used away from the left: name and indentation.
  private(set) var indentedPartials: [IndentedPartial] = []

  struct IndentedPartial: Hashable {
    let name: String
    let indentation: Int
  }

  init(_ entry: TemplateSet.Entry, in set: TemplateSet, depth: Int) {
    self.set = set
    self.entry = entry
    self.depth = depth
    source = entry.template.source
    variables = entry.template.signature.parameters.map(\.name)
    write(entry.template.nodes)
    flushText()
  }

  private mutating func write(_ nodes: [Node]) {
    for segment in TextUnits.segments(of: nodes, in: source, entry.styles) {
      switch segment {
      case .markup(let range): pendingText += source.bytes[range]
      case .unit(let unit): write(unit)
      case .node(let node): write(node)
      }
    }
  }

  private mutating func write(_ node: Node) {
    switch node {
    case .text(let range): pendingText += source.bytes[range]
    case .value(let path, let kind, let tag): writeValue(path, kind, tag)
    case .conditional(let path, let isNegated, let branches):
      flushText()
      emit(isNegated ? "if !(" : "if ", path, isNegated ? ") {" : " {")
      writeBody(branches.body, variable: nil)
      writeElse(branches.otherwise)
    case .with(let path, let name, let branches):
      flushText()
      emitByName("if let \(name) = ", path, " {")
      writeBody(branches.body, variable: name)
      writeElse(branches.otherwise)
    case .each(let path, let name, let branches): writeLoop(path, name, branches)
    case .partial(let call): writeCall(call)
    case .block:
      flushText()
      line("_block(&_w)")
    }
  }

  /// Words that a catalogue has are written in both languages.
  private mutating func write(_ unit: TextUnit) {
    guard let translation = set.translation(of: unit, in: entry) else {
      return writeEnglish(unit)
    }
    flushText()
    line("if _w.language == .\(set.translations.language) {")
    depth += 1
    pendingText += source.bytes[unit.margins.leading]
    for piece in translation.pieces {
      switch piece {
      case .text(let text): pendingText += Array(text.utf8)
      case .value(let name, _):
        if let value = unit.values[name] { writeValue(value.path, value.kind, value.tag) }
      case .plural(let name, let forms):
        guard let value = unit.values[name] else { continue }
        flushText()
        let words = [forms.one, forms.few, forms.many].map(SwiftNames.literal)
        emitByName("_w.plural(", value.path, ", \(words.joined(separator: ", ")))")
      }
    }
    pendingText += source.bytes[unit.margins.trailing]
    flushText()
    depth -= 1
    line("} else {")
    depth += 1
    writeEnglish(unit)
    flushText()
    depth -= 1
    line("}")
  }

  private mutating func writeEnglish(_ unit: TextUnit) {
    for piece in unit.pieces {
      switch piece {
      case .words(let range): pendingText += source.bytes[range]
      case .value(let path, let kind, let tag): writeValue(path, kind, tag)
      }
    }
  }

  private mutating func writeValue(_ path: Path, _ kind: ValueKind, _ tag: Int) {
    if entry.styles.afterTextareaStart.contains(tag) { pendingText.append(.lineFeed) }
    flushText()
    switch entry.styles.styles[tag] ?? .text {
    case .text: emitByName(kind == .sentence ? "_w.sentence(" : "_w.text(", path, ")")
    case .yaml: emitByName("_w.yaml(", path, ")")
    case .yamlKey: emitByName("_w.yamlKey(", path, ")")
    case .link: emit("_w.link(", path, ")")
    case .html: emit("_w.html(", path, ")")
    }
  }

  private mutating func writeBody(_ nodes: [Node], variable: String?) {
    depth += 1
    if let variable {
      variables.append(variable)
      line("_ = \(variable)")
    }
    write(nodes)
    flushText()
    if variable != nil { variables.removeLast() }
    depth -= 1
  }

  private mutating func writeElse(_ nodes: [Node]?) {
    if let nodes {
      line("} else {")
      writeBody(nodes, variable: nil)
    }
    line("}")
  }

  private mutating func writeLoop(_ path: Path, _ name: String, _ branches: Branches) {
    flushText()
    guard let otherwise = branches.otherwise else {
      emit("for \(name) in ", path, " {")
      writeBody(branches.body, variable: name)
      line("}")
      return
    }
    counter += 1
    let rows = "_rows\(counter)"
    emit("let \(rows) = ", path, "")
    line("if !\(rows).isEmpty {")
    depth += 1
    line("for \(name) in \(rows) {")
    writeBody(branches.body, variable: name)
    line("}")
    depth -= 1
    writeElse(otherwise)
  }

  private mutating func writeCall(_ call: PartialCall) {
    flushText()
    guard let partial = set.entries[call.name] else { return }
    var function = SwiftNames.function(of: call.name)
    if source.format == .yaml, let indentation = call.indentation {
      // Within a partial that is itself moved, the tag was moved with it.
      if indentation > 0 {
        indentedPartials.append(IndentedPartial(name: call.name, indentation: indentation))
        function += "Indented\(indentation)"
      }
    }
    let end = call.block == nil ? ")" : ") { (_w: inout TemplateWriter) in"
    if case .view = partial.template.signature.kind {
      guard case .path(let path)? = call.arguments.first?.value else { return }
      emit("\(function)(", path, ", into: &_w" + end)
      writeBlock(of: call)
    } else {
      line("do {")
      depth += 1
      let arguments = writeArguments(of: call, for: partial.template.signature)
      line("\(function)(\((arguments + ["into: &_w"]).joined(separator: ", "))" + end)
      writeBlock(of: call)
      depth -= 1
      line("}")
    }
  }

  private mutating func writeBlock(of call: PartialCall) {
    guard let block = call.block else { return }
    writeBody(block, variable: nil)
    line("}")
  }

  /// Writes a constant for each argument that is a name, which puts a mistake in
  /// it at its place, and returns the arguments in the order of the parameters.
  private mutating func writeArguments(
    of call: PartialCall, for signature: Signature
  ) -> [String] {
    signature.parameters.compactMap { parameter in
      guard let argument = call.arguments.first(where: { $0.name == parameter.name }) else {
        return nil
      }
      switch argument.value {
      case .path(let path):
        emit("let _a_\(parameter.name): \(parameter.type) = ", path, "")
        return "\(parameter.name): _a_\(parameter.name)"
      case .string(let text):
        let literal = SwiftNames.literal(text)
        return "\(parameter.name): " + (parameter.isLink ? "Link(path: \(literal))" : literal)
      case .integer(let digits): return "\(parameter.name): \(digits)"
      case .boolean(let value): return "\(parameter.name): \(value)"
      }
    }
  }

  // MARK: Lines

  /// Writes `before`, the value of `path` and `after`, so that the Swift
  /// compiler reports a mistake in it at its place in the template.
  private mutating func emit(_ before: String, _ path: Path, _ after: String) {
    let (lineNumber, column) = source.position(of: path.offset)
    var head = ""
    var tail = path.text
    var tailColumn = column
    if case .view = entry.template.signature.kind, !path.isGlobal,
      !variables.contains(path.components[0])
    {
      head = "_view"
      if path.components[0] == "this" {
        tail = String(tail.dropFirst(4))
        tailColumn += 4
      } else {
        tail = "." + tail
        tailColumn -= 1
      }
    }
    if lineNumber > 1 {
      lines.append(location(lineNumber - 1))
      line(before + head)
      lines.append(String(repeating: " ", count: tailColumn - 1) + tail + after)
    } else {
      lines.append(location(1))
      let padding = max(0, tailColumn - 1 - before.utf8.count - head.utf8.count)
      lines.append(String(repeating: " ", count: padding) + before + head + tail + after)
    }
  }

  /// Like ``emit(_:_:_:)``, for statements whose mistakes the Swift compiler
  /// reports not at the value but after the first three bytes of `before`,
  /// `_w.` or `if `.
  private mutating func emitByName(_ before: String, _ path: Path, _ after: String) {
    counter += 1
    emit("let _v\(counter) = ", path, "")
    let (lineNumber, column) = source.position(of: path.offset)
    lines.append(location(lineNumber))
    let padding = String(repeating: " ", count: max(0, column - 1 - 3))
    lines.append("\(padding)\(before)_v\(counter)\(after)")
  }

  private func location(_ line: Int) -> String {
    "#sourceLocation(file: \(SwiftNames.literal(source.path)), line: \(line))"
  }

  private mutating func line(_ text: String) {
    lines.append(String(repeating: "  ", count: depth) + text)
  }

  private mutating func flushText() {
    guard !pendingText.isEmpty else { return }
    line("_w.literal(\(SwiftNames.literal(String(decoding: pendingText, as: UTF8.self))))")
    pendingText = []
  }
}
