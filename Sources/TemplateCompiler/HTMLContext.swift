/// Where in an HTML document a template stands: a state of the tokenizer of the
/// HTML Living Standard (§13.2.5), as far as escaping depends on it.
struct HTMLContext: Equatable {
  enum State: Equatable {
    /// Element content.
    case content
    /// After `<`.
    case tagOpen
    /// After `</`.
    case endTagOpen
    case tagName
    case beforeAttribute
    case attributeName
    case afterAttributeName
    case beforeValue
    case quotedValue(UInt8, ValueFill)
    case unquotedValue
    case afterQuotedValue
    /// Two branches ended at different places in a tag; only a separator or the
    /// tag's end may follow.
    case afterBranches
    /// After `<!`.
    case declaration(String)
    /// In `<!-- … -->`, with the length of the part of `-->` that was seen.
    case comment(Int)
    /// `<!doctype …>` and other declarations.
    case bogusComment
    /// The content of an element without child elements, with the length of the
    /// part of its end tag that was seen.
    case rawText(Int)
  }

  /// What a quoted attribute value holds so far.
  enum ValueFill: Equatable {
    case empty
    case text
    /// A whole URL; only the closing quote may follow.
    case url
  }

  var state = State.content
  /// The element whose tag is being read or whose raw text this is, lower case.
  var element = ""
  var isEndTag = false
  /// The attribute whose name or value is being read, lower case.
  var attribute = ""
  /// Whether the tag has an `http-equiv` attribute.
  var hasHTTPEquiv = false
  /// Whether a value stands in the tag's `content` attribute.
  var hasContentValue = false

  /// Goes on by one byte. Returns what is wrong with it, if anything.
  mutating func advance(_ byte: UInt8) -> String? {
    switch state {
    case .content:
      if byte == UInt8(ascii: "<") { state = .tagOpen }
    case .tagOpen, .endTagOpen, .declaration: return advanceMarkup(byte)
    case .tagName:
      guard endsName(byte) else {
        element.append(Character(UnicodeScalar(byte.lowercased)))
        return nil
      }
      state = .beforeAttribute
      return advance(byte)
    case .comment(let seen): advanceComment(byte, seen)
    case .bogusComment:
      if byte == UInt8(ascii: ">") { state = .content }
    case .rawText(let seen): return advanceRawText(byte, seen)
    default: return advanceAttribute(byte)
    }
    return nil
  }

  /// The context after a construct with two ways through it, or `nil` if the
  /// two ways are not interchangeable.
  func merged(with other: HTMLContext) -> HTMLContext? {
    if self == other { return self }
    var left = self
    var right = other
    if left.isWithinTag, right.isWithinTag, left.element == right.element,
      left.isEndTag == right.isEndTag
    {
      let areSeparated = left.isBetweenAttributes && right.isBetweenAttributes
      left.state = areSeparated ? .beforeAttribute : .afterBranches
      left.attribute = ""
      left.hasHTTPEquiv = left.hasHTTPEquiv || right.hasHTTPEquiv
      left.hasContentValue = left.hasContentValue || right.hasContentValue
      return left
    }
    if case .quotedValue(let quote, let fill) = left.state,
      case .quotedValue(let otherQuote, let otherFill) = right.state, quote == otherQuote
    {
      let hasURL = fill == .url || otherFill == .url
      let hasText = fill == .text || otherFill == .text
      if hasURL && hasText { return nil }
      left.state = .quotedValue(quote, hasURL ? .url : .text)
      right.state = left.state
      return left == right ? left : nil
    }
    return nil
  }

  /// What to call this place in a message.
  var description: String {
    switch state {
    case .content: "element content"
    case .tagOpen, .endTagOpen, .tagName: "a tag's name"
    case .beforeAttribute, .attributeName, .afterAttributeName, .afterQuotedValue, .afterBranches:
      "the tag <\(element)>"
    case .beforeValue, .unquotedValue: "an unquoted attribute value"
    case .quotedValue: "the value of '\(attribute)'"
    case .declaration, .bogusComment: "a declaration"
    case .comment: "a comment"
    case .rawText: "the content of <\(element)>"
    }
  }

  private var isWithinTag: Bool {
    switch state {
    case .tagName, .beforeAttribute, .attributeName, .afterAttributeName, .afterQuotedValue,
      .afterBranches:
      true
    default: false
    }
  }

  private var isBetweenAttributes: Bool {
    state == .beforeAttribute || state == .afterAttributeName
  }

  private func endsName(_ byte: UInt8) -> Bool {
    byte.isWhitespace || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
  }

  private mutating func beginTag(_ byte: UInt8, isEnd: Bool) {
    element = ""
    attribute = ""
    hasHTTPEquiv = false
    hasContentValue = false
    isEndTag = isEnd
    state = .tagName
    _ = advance(byte)
  }

  private mutating func advanceMarkup(_ byte: UInt8) -> String? {
    switch state {
    case .tagOpen:
      if byte.isLetter {
        beginTag(byte, isEnd: false)
      } else if byte == UInt8(ascii: "/") {
        state = .endTagOpen
      } else if byte == UInt8(ascii: "!") {
        state = .declaration("")
      } else if byte == UInt8(ascii: "?") {
        state = .bogusComment
      } else if byte != UInt8(ascii: "<") {
        state = .content
      }
    case .endTagOpen:
      if byte.isLetter {
        beginTag(byte, isEnd: true)
      } else {
        state = .content
        return "'</' must be followed by the name of an element"
      }
    case .declaration(let seen):
      let text = seen + String(UnicodeScalar(byte))
      if text == "--" {
        state = .comment(2)
      } else if text == "-" {
        state = .declaration(text)
      } else if byte == UInt8(ascii: "[") {
        state = .bogusComment
        return "CDATA sections aren't supported; write the text as it is, with &lt; and &amp;"
      } else {
        state = byte == UInt8(ascii: ">") ? .content : .bogusComment
      }
    default: break
    }
    return nil
  }

  private mutating func advanceComment(_ byte: UInt8, _ seen: Int) {
    switch (byte, seen) {
    case (UInt8(ascii: ">"), 2...): state = .content
    case (UInt8(ascii: "-"), 0...2): state = .comment(min(seen + 1, 2))
    case (UInt8(ascii: "!"), 2): state = .comment(3)
    default: state = .comment(byte == UInt8(ascii: "-") ? 1 : 0)
    }
  }

  private mutating func advanceRawText(_ byte: UInt8, _ seen: Int) -> String? {
    let endTag = Array("</\(element)".utf8)
    if seen == endTag.count, endsName(byte) {
      beginEndTagOfRawText()
      return advance(byte)
    }
    if seen < endTag.count, byte.lowercased == endTag[seen] {
      state = .rawText(seen + 1)
      return nil
    }
    // A lone "<" is where our reading and a browser's could part, in <title>
    // within <svg> for example.
    let isPart = seen > 0 && ["title", "textarea"].contains(element)
    state = .rawText(byte == UInt8(ascii: "<") ? 1 : 0)
    if element == "script", seen == 1, byte == UInt8(ascii: "!") {
      return "a script in a page may not hold '<!'; put it into Resources/static/scripts"
    }
    return isPart ? "write '&lt;' for '<' in <\(element)>" : nil
  }

  private mutating func beginEndTagOfRawText() {
    isEndTag = true
    attribute = ""
    state = .beforeAttribute
  }
}
