/// Reads the first line of a template, `{{@view T}}` or `{{@params a: A, b: B}}`.
enum SignatureParser {
  static func parse(_ token: Token, into diagnostics: inout Diagnostics) -> Signature? {
    var scanner = TagScanner(diagnostics.source, token.content)
    scanner.skipWhitespace()
    if scanner.take("@view") {
      let type = scanner.rest()
      guard !type.isEmpty, type.utf8.allSatisfy({ !$0.isWhitespace }) else {
        diagnostics.report(
          "'@view' takes the name of one type, such as {{@view ProjectShowView}}",
          at: token.range.lowerBound)
        return nil
      }
      return Signature(kind: .view(type: type))
    }
    guard scanner.take("@params") else { return nil }
    return parameters(&scanner, into: &diagnostics)
  }

  private static func parameters(
    _ scanner: inout TagScanner, into diagnostics: inout Diagnostics
  ) -> Signature? {
    var signature = Signature(kind: .parameters)
    scanner.skipWhitespace()
    while !scanner.isAtEnd {
      let offset = scanner.offset
      guard let parameter = parameter(&scanner) else {
        diagnostics.report(
          "'@params' takes 'name: Type' pairs with commas between them, such as "
            + "{{@params label: String, open: Bool = false}}", at: offset)
        return nil
      }
      if signature.parameters.contains(where: { $0.name == parameter.name }) {
        diagnostics.report("the parameter '\(parameter.name)' is declared twice", at: offset)
      } else if parameter.name == "this" || !parameter.name.utf8.first.isLowercaseLetter {
        diagnostics.report(
          "'\(parameter.name)' can't be a parameter; begin its name with a small letter"
            + (parameter.name == "this" ? " and don't use 'this'" : ""), at: offset)
      } else if ["into", "block"].contains(parameter.name) {
        diagnostics.report(
          "'\(parameter.name)' can't be a parameter; every template's function has one of that "
            + "name, so choose another", at: offset)
      } else {
        signature.parameters.append(parameter)
      }
      _ = scanner.take(",")
      scanner.skipWhitespace()
    }
    return signature
  }

  private static func parameter(_ scanner: inout TagScanner) -> Signature.Parameter? {
    guard let name = scanner.name() else { return nil }
    scanner.skipWhitespace()
    guard scanner.take(":") else { return nil }
    scanner.skipWhitespace()
    var declaration = swiftText(&scanner)
    var defaultValue: String?
    if let equals = declaration.firstIndex(of: "=") {
      defaultValue = trimmed(declaration[declaration.index(after: equals)...])
      declaration = trimmed(declaration[..<equals])
    }
    guard !declaration.isEmpty, defaultValue != "" else { return nil }
    return Signature.Parameter(name: name, type: declaration, defaultValue: defaultValue)
  }

  /// Swift source up to the next comma that isn't within brackets or quotes.
  private static func swiftText(_ scanner: inout TagScanner) -> String {
    var depth = 0
    var isQuoted = false
    let text = scanner.take { byte in
      if byte == .quote { isQuoted.toggle() }
      guard !isQuoted else { return true }
      if "([<".utf8.contains(byte) { depth += 1 }
      if ")]>".utf8.contains(byte) { depth -= 1 }
      return depth > 0 || byte != UInt8(ascii: ",")
    }
    return trimmed(text[...])
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension UInt8? {
  fileprivate var isLowercaseLetter: Bool {
    guard let byte = self else { return false }
    return (0x61...0x7A).contains(byte)
  }
}
