/// Turns the tokens of one template into a tree. Reports every mistake it finds
/// and goes on, so that one build shows them all.
struct Parser {
  private let source: SourceText
  private var diagnostics: Diagnostics
  private var signature = Signature(kind: .parameters)
  private var openBlocks: [OpenBlock] = []
  /// The finished nodes of the outermost level and of each open block.
  private var levels: [[Node]] = [[]]

  private struct OpenBlock {
    enum Kind {
      case conditional(Path, isNegated: Bool)
      case each(Path, name: String)
      case with(Path, name: String)
      case partial(PartialCall)
    }

    /// `nil` when the tag itself is wrong; it still needs its end.
    let kind: Kind?
    /// What its end must be called.
    let name: String
    let tag: Int
    /// What stood before `{{else}}`.
    var body: [Node]?
  }

  private init(_ diagnostics: Diagnostics) {
    source = diagnostics.source
    self.diagnostics = diagnostics
  }

  static func parse(_ source: SourceText, into diagnostics: inout Diagnostics) -> ParsedTemplate {
    let tokens = Tokenizer.tokens(of: source, into: &diagnostics)
    var parser = Parser(diagnostics)
    parser.parse(tokens)
    diagnostics = parser.diagnostics
    return ParsedTemplate(source: source, signature: parser.signature, nodes: parser.levels[0])
  }

  private mutating func parse(_ tokens: [Token]) {
    for token in parseHeader(tokens) {
      switch token.kind {
      case .text: append(.text(token.range))
      case .comment: break
      case .raw: parseValue(token, .raw)
      case .tag: parseTag(token)
      }
    }
    for block in openBlocks.reversed() {
      report("'\(block.name)' is never closed; add {{/\(block.name)}}", at: block.tag)
      let rest = levels.removeLast()
      levels[levels.count - 1] += (block.body ?? []) + rest
    }
  }

  /// Reads the first line and returns what follows.
  private mutating func parseHeader(_ tokens: [Token]) -> ArraySlice<Token> {
    if let first = tokens.first, first.kind == .tag, first.range.lowerBound == 0,
      let byte = source.bytes[first.content].first(where: { !$0.isWhitespace }),
      byte == UInt8(ascii: "@")
    {
      let known = diagnostics.all.count
      if let signature = SignatureParser.parse(first, into: &diagnostics) {
        self.signature = signature
        return tokens.dropFirst()
      }
      if diagnostics.all.count > known { return tokens.dropFirst() }
    }
    report(
      "the first line must say what the template takes: {{@view Type}}, "
        + "{{@params name: Type}} or {{@params}}", at: 0)
    return tokens[...]
  }

  private mutating func parseTag(_ token: Token) {
    var scanner = TagScanner(source, token.content)
    scanner.skipWhitespace()
    if scanner.take("#>") {
      openPartial(&scanner, token)
    } else if scanner.take("#") {
      open(&scanner, token)
    } else if scanner.take("/") {
      close(scanner.rest(), at: token.range.lowerBound)
    } else if scanner.take(">") {
      parsePartial(&scanner, token)
    } else if scanner.take("@") {
      report(
        "'@\(scanner.rest())' may only stand on the first line", at: token.range.lowerBound)
    } else if scanner.take("~") || source.bytes[token.content].last == UInt8(ascii: "~") {
      report("'~' isn't supported; put the tag on a line of its own", at: token.range.lowerBound)
    } else if isElse(token) {
      parseElse(token)
    } else {
      parseValue(token, .text)
    }
  }

  private mutating func parseValue(_ token: Token, _ plainKind: ValueKind) {
    var scanner = TagScanner(source, token.content)
    var kind = plainKind
    scanner.skipWhitespace()
    let start = scanner.offset
    var name = scanner.path()
    scanner.skipWhitespace()
    if name?.text == "t", !scanner.isAtEnd, kind == .text {
      kind = .sentence
      name = scanner.path()
    }
    guard let path = name else {
      return report(
        "expected a name such as 'project.name', found '\(scanner.source.text(token.range))'",
        at: start)
    }
    scanner.skipWhitespace()
    guard scanner.isAtEnd else {
      return report(
        "unexpected '\(scanner.rest())' after '\(path.text)'; there are no helpers and no "
          + "expressions, so put the finished value into the view", at: start)
    }
    append(.value(path, kind, tag: token.range.lowerBound))
  }

  // MARK: Blocks

  private func isElse(_ token: Token) -> Bool {
    var scanner = TagScanner(source, token.content)
    scanner.skipWhitespace()
    return scanner.name() == "else" && scanner.next != UInt8(ascii: ".")
  }

  private mutating func open(_ scanner: inout TagScanner, _ token: Token) {
    let tag = token.range.lowerBound
    let name = scanner.name() ?? ""
    var kind: OpenBlock.Kind?
    scanner.skipWhitespace()
    switch name {
    case "if", "unless":
      if let path = scanner.path() {
        kind = .conditional(path, isNegated: name == "unless")
      }
    case "each", "with":
      if let path = scanner.path(), let variable = blockVariable(&scanner) {
        kind = name == "each" ? .each(path, name: variable) : .with(path, name: variable)
      }
    default:
      report(
        "there is no block '\(name)'; there are #if, #unless, #each, #with and #> for a layout",
        at: tag)
      openBlocks.append(OpenBlock(kind: nil, name: name, tag: tag))
      levels.append([])
      return
    }
    scanner.skipWhitespace()
    if kind == nil || !scanner.isAtEnd {
      let example =
        name == "each"
        ? "{{#each rows as |row|}}"
        : name == "with" ? "{{#with owner as |owner|}}" : "{{#\(name) isOpen}}"
      report("'#\(name)' must look like \(example)", at: tag)
      kind = nil
    }
    openBlocks.append(OpenBlock(kind: kind, name: name, tag: tag))
    levels.append([])
  }

  /// `as |name|`.
  private func blockVariable(_ scanner: inout TagScanner) -> String? {
    scanner.skipWhitespace()
    guard scanner.take("as") else { return nil }
    scanner.skipWhitespace()
    guard scanner.take("|") else { return nil }
    scanner.skipWhitespace()
    guard let name = scanner.name(), name != "this", name.utf8.first.map({ $0 & 0x20 }) != 0
    else { return nil }
    scanner.skipWhitespace()
    return scanner.take("|") ? name : nil
  }

  private mutating func parseElse(_ token: Token) {
    let tag = token.range.lowerBound
    var scanner = TagScanner(source, token.content)
    scanner.skipWhitespace()
    _ = scanner.take("else")
    let rest = scanner.rest()
    guard rest.isEmpty else {
      return report(
        "'else' stands alone; for 'else \(rest)' put a block of its own after {{else}}", at: tag)
    }
    guard let block = openBlocks.last else {
      return report("{{else}} belongs within #if, #unless, #each or #with", at: tag)
    }
    if case .partial = block.kind {
      return report("a layout's content has no {{else}}", at: tag)
    }
    guard block.body == nil else {
      return report("'#\(block.name)' already has an {{else}}", at: tag)
    }
    openBlocks[openBlocks.count - 1].body = levels[levels.count - 1]
    levels[levels.count - 1] = []
  }

  private mutating func close(_ name: String, at tag: Int) {
    guard let block = openBlocks.last else {
      return report("{{/\(name)}} closes nothing; remove it or open the block", at: tag)
    }
    guard block.name == name else {
      let line = source.position(of: block.tag).line
      report(
        "{{/\(name)}} doesn't match '\(block.name)', opened on line \(line); "
          + "expected {{/\(block.name)}}", at: tag)
      // An outer block of that name means that the inner one was forgotten.
      guard openBlocks.contains(where: { $0.name == name }) else { return }
      while let last = openBlocks.last, last.name != name { finishBlock(last, end: tag) }
      if let last = openBlocks.last { finishBlock(last, end: tag) }
      return
    }
    finishBlock(block, end: tag)
  }

  private mutating func finishBlock(_ block: OpenBlock, end: Int) {
    openBlocks.removeLast()
    let content = levels.removeLast()
    let branches = Branches(
      body: block.body ?? content, otherwise: block.body == nil ? nil : content,
      tag: block.tag, end: end)
    switch block.kind {
    case .conditional(let path, let isNegated):
      append(.conditional(path, isNegated: isNegated, branches))
    case .each(let path, let name): append(.each(path, name: name, branches))
    case .with(let path, let name): append(.with(path, name: name, branches))
    case .partial(var call):
      call.block = content
      append(.partial(call))
    case nil: break
    }
  }

  // MARK: Partials

  private mutating func parsePartial(_ scanner: inout TagScanner, _ token: Token) {
    scanner.skipWhitespace()
    if scanner.take("@partial-block") {
      if signature.hasBlock {
        report("a layout shows its content only once", at: token.range.lowerBound)
      }
      signature.hasBlock = true
      append(.block(tag: token.range.lowerBound))
    } else if let call = partialCall(&scanner, token) {
      append(.partial(call))
    }
  }

  private mutating func openPartial(_ scanner: inout TagScanner, _ token: Token) {
    scanner.skipWhitespace()
    var nameScanner = scanner
    let name = nameScanner.templateName() ?? ""
    let call = partialCall(&scanner, token)
    openBlocks.append(
      OpenBlock(kind: call.map { .partial($0) }, name: name, tag: token.range.lowerBound))
    levels.append([])
  }

  private mutating func partialCall(_ scanner: inout TagScanner, _ token: Token) -> PartialCall? {
    let nameOffset = scanner.offset
    guard let name = scanner.templateName() else {
      report("expected the name of a template, such as {{> partials/badge}}", at: nameOffset)
      return nil
    }
    var arguments: [PartialCall.Argument] = []
    scanner.skipWhitespace()
    while !scanner.isAtEnd {
      let offset = scanner.offset
      guard let argument = argument(&scanner) else {
        report(
          "an argument must look like status=row.status, label=\"text\", count=3 or open=true",
          at: offset)
        return nil
      }
      if arguments.contains(where: { $0.name == argument.name }) {
        report("the argument '\(argument.name ?? "")' is given twice", at: offset)
      } else {
        arguments.append(argument)
      }
      scanner.skipWhitespace()
    }
    return PartialCall(
      name: name, nameOffset: nameOffset, arguments: arguments, block: nil,
      tag: token.range.lowerBound, indentation: token.indentation)
  }

  private func argument(_ scanner: inout TagScanner) -> PartialCall.Argument? {
    let offset = scanner.offset
    guard let path = scanner.path() else { return nil }
    guard scanner.take("=") else {
      return PartialCall.Argument(name: nil, value: .path(path), offset: offset)
    }
    guard path.components.count == 1, let value = argumentValue(&scanner) else { return nil }
    if let next = scanner.next, !next.isWhitespace { return nil }
    return PartialCall.Argument(name: path.components[0], value: value, offset: offset)
  }

  private func argumentValue(_ scanner: inout TagScanner) -> PartialCall.Value? {
    guard let next = scanner.next else { return nil }
    if next == .quote { return scanner.string().map { .string($0) } }
    if next.isDigit || next == UInt8(ascii: "-") {
      let sign = scanner.take("-") ? "-" : ""
      let digits = scanner.take(while: \.isDigit)
      return digits.isEmpty ? nil : .integer(sign + digits)
    }
    guard let path = scanner.path() else { return nil }
    switch path.text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default: return .path(path)
    }
  }

  private mutating func append(_ node: Node) {
    levels[levels.count - 1].append(node)
  }

  private mutating func report(_ message: String, at offset: Int) {
    diagnostics.report(message, at: offset)
  }
}
