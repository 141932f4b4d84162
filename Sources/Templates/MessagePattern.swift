/// A text with places for values, in the part of ICU's MessageFormat that pages
/// need: `{name}`, and `{name, plural, one {…} few {…} many {…}}`, which shows
/// the word that fits the number but not the number itself.
///
/// `{t:name}` holds a sentence that is itself translated.
public struct MessagePattern: Sendable, Equatable {
  public enum Piece: Sendable, Equatable {
    case text(String)
    case value(String, isSentence: Bool)
    case plural(String, PluralForms)
  }

  /// The forms of a word by CLDR's categories; those that a text leaves out are
  /// like the last.
  public struct PluralForms: Sendable, Equatable {
    public var one: String
    public var few: String
    public var many: String

    public init(one: String, few: String, many: String) {
      self.one = one
      self.few = few
      self.many = many
    }

    /// The form for a number by the rules of Russian: 1, 21 and 101 are one; 2 to
    /// 4 and 22 are few; 0, 5, 11 and 12 are many (CLDR, “Language Plural Rules”).
    /// A number that isn't whole takes the form of few.
    public func form(of number: some StringProtocol) -> String {
      guard !number.utf8.contains(where: { $0 == UInt8(ascii: ".") }) else { return few }
      let digits = number.utf8.filter { (0x30...0x39).contains($0) }.suffix(2)
        .map { Int($0) - 0x30 }
      let ones = digits.last ?? 0
      let isTeen = digits.count == 2 && digits[0] == 1
      if isTeen { return many }
      return ones == 1 ? one : (2...4).contains(ones) ? few : many
    }
  }

  public let pieces: [Piece]

  /// Reads a text. What isn't as described is taken as it stands, so that no text
  /// is wrong.
  public init(_ text: String) {
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      plain += rest[..<open]
      guard let end = Self.end(of: rest[open...]),
        let piece = Self.piece(rest[rest.index(after: open)..<end])
      else {
        plain.append("{")
        rest = rest[rest.index(after: open)...]
        continue
      }
      if !plain.isEmpty { pieces.append(.text(plain)) }
      plain = ""
      pieces.append(piece)
      rest = rest[rest.index(after: end)...]
    }
    plain += rest
    if !plain.isEmpty { pieces.append(.text(plain)) }
    self.pieces = pieces
  }

  /// The names of the values in it.
  public var names: Set<String> {
    Set(
      pieces.compactMap { piece in
        switch piece {
        case .text: nil
        case .value(let name, _), .plural(let name, _): name
        }
      })
  }

  /// Where the brace at the beginning is closed.
  private static func end(of text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }

  private static func piece(_ content: Substring) -> Piece? {
    guard let comma = content.firstIndex(of: ",") else {
      let isSentence = content.hasPrefix("t:")
      let name = isSentence ? content.dropFirst(2) : content
      guard isName(name) else { return nil }
      return .value(String(name), isSentence: isSentence)
    }
    let name = content[..<comma]
    let rest = content[content.index(after: comma)...].drop { $0 == " " }
    guard isName(name), rest.hasPrefix("plural,") else { return nil }
    var forms: [String: String] = [:]
    var last: String?
    var tail = rest.dropFirst("plural,".count)
    while let open = tail.firstIndex(of: "{"), let end = end(of: tail[open...]) {
      let category = tail[..<open].filter { $0 != " " }
      let form = String(tail[tail.index(after: open)..<end])
      forms[category] = form
      last = form
      tail = tail[tail.index(after: end)...]
    }
    guard let last else { return nil }
    return .plural(
      String(name),
      PluralForms(
        one: forms["one"] ?? last, few: forms["few"] ?? last, many: forms["many"] ?? last))
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
          || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
      }
  }
}
