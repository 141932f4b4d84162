/// How generated code writes a value.
enum ValueStyle {
  case text
  case link
  case html
  case yaml
  case yamlKey
}

/// What checking a template found out about its values, by the offset of the tag.
struct ValueStyles {
  var styles: [Int: ValueStyle] = [:]
  /// Values at the very start of a `<textarea>`. A browser drops a line feed
  /// there, so one is put in front for it to drop.
  var afterTextareaStart: Set<Int> = []
  /// What a reader reads of each text, by where the text begins; the rest is
  /// markup.
  var words: [Int: [Words]] = [:]
  /// The place of each value that stands among words.
  var places: [Int: Int] = [:]

  /// A stretch of text between tags, or in an attribute that is read.
  struct Words {
    let range: Range<Int>
    /// The same for all that stands between two pieces of markup.
    let place: Int
  }
}

/// Follows an HTML template through all its branches, decides how each value
/// must be escaped and refuses values where no escaping is safe.
struct HTMLChecker {
  private let source: SourceText
  private var diagnostics: Diagnostics
  private var context = HTMLContext()
  private var found = ValueStyles()
  /// Grows with each piece of markup.
  private var place = 0
  /// How many elements are open whose text is no language.
  private var verbatimDepth = 0

  static func check(
    _ template: ParsedTemplate, into diagnostics: inout Diagnostics
  ) -> ValueStyles {
    var checker = HTMLChecker(source: template.source, diagnostics: diagnostics)
    checker.check(template.nodes)
    if checker.context.state != .content {
      checker.report(
        "the template ends within \(checker.context.description); "
          + "close it here, a template must be complete", at: template.source.bytes.count)
    }
    diagnostics = checker.diagnostics
    return checker.found
  }

  private init(source: SourceText, diagnostics: Diagnostics) {
    self.source = source
    self.diagnostics = diagnostics
  }

  private mutating func check(_ nodes: [Node]) {
    for node in nodes {
      switch node {
      case .text(let range): checkText(range)
      case .value(let path, let kind, let tag):
        if kind == .raw {
          checkRaw(path, at: tag)
        } else {
          if isReading { found.places[tag] = place }
          checkValue(path, at: tag)
          if kind == .sentence { requireText(path, at: tag) }
        }
      case .conditional(_, _, let branches), .with(_, _, let branches): checkBranches(branches)
      case .each(_, _, let branches): checkLoop(branches)
      case .partial(let call):
        requireContent("a partial", at: call.tag)
        if let block = call.block {
          check(block)
          requireContent("the end of a layout's content", at: call.tag)
        }
      case .block(let tag): requireContent("the content of a layout", at: tag)
      }
    }
  }

  private mutating func checkText(_ range: Range<Int>) {
    var words: [ValueStyles.Words] = []
    var start: Int?
    for offset in range {
      let before = (context.element, context.isEndTag, isReading)
      if let problem = context.advance(source.bytes[offset]) { report(problem, at: offset) }
      if !before.2, context.state == .content { noteVerbatim(before.0, isEnd: before.1) }
      if before.2, isReading {
        start = start ?? offset
      } else {
        if let start { words.append(.init(range: start..<offset, place: place)) }
        start = nil
        place += 1
      }
    }
    if let start { words.append(.init(range: start..<range.upperBound, place: place)) }
    found.words[range.lowerBound] = words
  }

  /// Whether the next byte is read by people: text between tags, a title, or an
  /// attribute that holds words.
  private var isReading: Bool {
    switch context.state {
    case .content: verbatimDepth == 0
    case .rawText(let seen): context.element == "title" && seen == 0
    case .quotedValue(_, let fill): fill != .url && context.attributeHoldsWords
    default: false
    }
  }

  private mutating func noteVerbatim(_ element: String, isEnd: Bool) {
    guard ["code", "pre", "kbd", "samp", "script", "style"].contains(element) else { return }
    verbatimDepth = max(0, verbatimDepth + (isEnd ? -1 : 1))
  }

  private mutating func requireText(_ path: Path, at tag: Int) {
    guard found.styles[tag] != .text else { return }
    report("'{{t \(path.text)}}' is text; a link has no language", at: tag)
  }

  private mutating func checkValue(_ path: Path, at tag: Int) {
    found.styles[tag] = .text
    switch context.state {
    case .content: break
    case .rawText(let seen):
      if context.element != "title", context.element != "textarea" {
        report(
          "no value may stand in <\(context.element)>; put it into a data- attribute", at: tag)
      } else if seen > 0 {
        report("write '&lt;' for '<' in <\(context.element)>", at: tag)
      } else if context.element == "textarea", tag > 0,
        source.bytes[tag - 1] == UInt8(ascii: ">")
      {
        found.afterTextareaStart.insert(tag)
      }
      context.state = .rawText(0)
    case .quotedValue(let quote, let fill): checkAttribute(path, quote, fill, at: tag)
    case .beforeValue, .unquotedValue:
      report(
        "put quotes around the value: \(context.attribute)=\"{{\(path.text)}}\"", at: tag)
      context.state = .beforeAttribute
    case .tagOpen, .endTagOpen, .tagName:
      report("a value can't be the name of a tag; use {{#if}} around whole tags", at: tag)
    case .beforeAttribute, .attributeName, .afterAttributeName, .afterQuotedValue, .afterBranches:
      report(
        "a value can't be an attribute or its name; use {{#if}} around the attribute", at: tag)
    case .declaration, .comment, .bogusComment:
      report("no value may stand in \(context.description); use {{! … }} for notes", at: tag)
    }
  }

  private mutating func checkAttribute(
    _ path: Path, _ quote: UInt8, _ fill: HTMLContext.ValueFill, at tag: Int
  ) {
    switch context.attributeMeaning {
    case .text:
      context.state = .quotedValue(quote, .text)
      if context.attribute == "content" { context.hasContentValue = true }
    case .url:
      found.styles[tag] = .link
      if fill != .empty {
        report(
          "'\(context.attribute)' takes one value of type Link and nothing else; "
            + "make the whole URL in the view", at: tag)
      }
      context.state = .quotedValue(quote, .url)
    case .refused(let reason):
      report("no value may stand in '\(context.attribute)': \(reason)", at: tag)
    }
  }

  private mutating func checkRaw(_ path: Path, at tag: Int) {
    found.styles[tag] = .html
    requireContent("{{{\(path.text)}}}", at: tag)
  }

  private mutating func requireContent(_ what: String, at offset: Int) {
    guard context.state != .content else { return }
    report(
      "\(what) may only stand between tags, but this is within \(context.description)", at: offset)
  }

  private mutating func checkBranches(_ branches: Branches) {
    let start = context
    check(branches.body)
    let end = context
    context = start
    check(branches.otherwise ?? [])
    join(end, branches)
  }

  /// A loop's body must also fit behind itself.
  private mutating func checkLoop(_ branches: Branches) {
    let start = context
    check(branches.body)
    let end = context
    context = start
    join(end, branches)
    if context != start {
      let joined = context
      check(branches.body)
      join(joined, branches)
    }
    let afterLoop = context
    context = start
    check(branches.otherwise ?? [])
    if branches.otherwise != nil { join(afterLoop, branches) } else { context = afterLoop }
  }

  private mutating func join(_ other: HTMLContext, _ branches: Branches) {
    if let merged = context.merged(with: other) {
      context = merged
    } else {
      report(
        "one way through this block ends within \(other.description), another within "
          + "\(context.description); each must end where the others do", at: branches.tag)
      context = other
    }
  }

  private mutating func report(_ message: String, at offset: Int) {
    diagnostics.report(message, at: offset)
  }
}
