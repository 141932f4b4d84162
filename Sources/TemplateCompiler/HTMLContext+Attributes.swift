/// What an attribute's value means, which decides what may be put into it.
enum AttributeMeaning {
  case text
  case url
  /// Holds code or a list that escaping can't make safe; the string says why.
  case refused(String)
}

extension HTMLContext {
  /// The meaning of the current attribute.
  var attributeMeaning: AttributeMeaning {
    if attribute.hasPrefix("on") {
      return .refused("it holds a script; use a data- attribute and a file in static/scripts")
    }
    switch attribute {
    case "href", "src", "action", "formaction", "poster", "cite", "data", "background", "manifest",
      "longdesc", "xlink:href", "codebase", "classid", "profile", "usemap", "icon", "dynsrc",
      "lowsrc":
      return .url
    case "style": return .refused("use a class or an attribute that the style sheet knows")
    case "srcdoc": return .refused("it holds a whole document; use 'src'")
    case "srcset", "imagesrcset", "ping", "archive", "attributionsrc":
      return .refused("it is a list of URLs; use 'src'")
    case "http-equiv": return .refused("it acts as an HTTP header; send the header")
    case "content" where hasHTTPEquiv: return .refused("it acts as an HTTP header")
    case "attributename", "to", "from", "by", "values":
      return isAnimation ? .refused("an animation can set any attribute") : .text
    default: return .text
    }
  }

  /// Whether people read, or hear, the current attribute's value.
  var attributeHoldsWords: Bool {
    attribute.hasPrefix("data-text-")
      || ["title", "placeholder", "aria-label", "aria-description", "alt", "label"]
        .contains(attribute)
  }

  private var isAnimation: Bool {
    ["set", "animate", "animatetransform", "animatemotion"].contains(element)
  }

  /// ``advance(_:)`` for the states within a tag after its name.
  mutating func advanceAttribute(_ byte: UInt8) -> String? {
    switch state {
    case .beforeAttribute, .afterAttributeName: return advanceBetweenAttributes(byte)
    case .attributeName: return advanceAttributeName(byte)
    case .beforeValue:
      if byte == .quote || byte == UInt8(ascii: "'") {
        state = .quotedValue(byte, .empty)
      } else if byte == UInt8(ascii: ">") {
        endTag()
        return "the attribute '\(attribute)' has no value after '='"
      } else if !byte.isWhitespace {
        state = .unquotedValue
      }
    case .unquotedValue:
      if byte.isWhitespace { endAttribute(.beforeAttribute) }
      if byte == UInt8(ascii: ">") { endTag() }
    case .quotedValue(let quote, let fill):
      if byte == quote {
        endAttribute(.afterQuotedValue)
      } else if fill == .url {
        state = .quotedValue(quote, .text)
        return "nothing may follow the Link in '\(attribute)'; make the whole URL in the view"
      } else {
        state = .quotedValue(quote, .text)
      }
    case .afterQuotedValue, .afterBranches:
      let isSeparated =
        byte.isWhitespace || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
      state = .beforeAttribute
      let problem = advance(byte)
      return isSeparated
        ? problem : "a space is missing before the next attribute of <\(element)>"
    default: break
    }
    return nil
  }

  private mutating func advanceBetweenAttributes(_ byte: UInt8) -> String? {
    if byte.isWhitespace || byte == UInt8(ascii: "/") { return nil }
    if byte == UInt8(ascii: ">") {
      endTag()
      return nil
    }
    if byte == UInt8(ascii: "=") {
      let hasName = state == .afterAttributeName
      state = .beforeValue
      return hasName ? nil : "'=' must follow the name of an attribute of <\(element)>"
    }
    attribute = ""
    state = .attributeName
    return advance(byte)
  }

  private mutating func advanceAttributeName(_ byte: UInt8) -> String? {
    if byte == UInt8(ascii: "=") {
      state = .beforeValue
      if attribute == "http-equiv" {
        hasHTTPEquiv = true
        if hasContentValue { return "no value may stand in 'content' beside 'http-equiv'" }
      }
    } else if byte.isWhitespace {
      state = .afterAttributeName
    } else if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") {
      endAttribute(.beforeAttribute)
      return advance(byte)
    } else if "\"'<".utf8.contains(byte) {
      return "'\(UnicodeScalar(byte))' can't be part of an attribute's name in <\(element)>"
    } else {
      attribute.append(Character(UnicodeScalar(byte.lowercased)))
    }
    return nil
  }

  private mutating func endAttribute(_ next: State) {
    attribute = ""
    state = next
  }

  /// Goes on after the `>` of a tag.
  private mutating func endTag() {
    attribute = ""
    hasHTTPEquiv = false
    hasContentValue = false
    let holdsRawText =
      !isEndTag
      && [
        "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes",
        "plaintext",
      ].contains(element)
    state = holdsRawText ? .rawText(0) : .content
    isEndTag = false
    if !holdsRawText { element = "" }
  }
}
