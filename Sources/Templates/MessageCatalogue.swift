internal import Foundation

/// The sentences of the program in another language.
///
/// The program says everything in English, in the place where it happens; what
/// it stored years ago is English, too. A page shows a sentence (`{{t name}}`)
/// through the reader's catalogue: its entries are patterns (`Release #{number}
/// of {application} succeeded`), and what stands in a sentence at the place of a
/// name is put into the translation. A sentence that nobody translated stays as
/// it is.
public final class MessageCatalogue: Sendable {
  /// The catalogue of who reads what is being made; nil for English.
  @TaskLocal public static var current: MessageCatalogue?

  public let language: Language
  /// Sentences without values.
  private let whole: [String: String]
  /// Sentences with values that begin with a word, and those that may, by that
  /// word; what has the most words of its own first.
  private let patterns: [String: [Entry]]
  /// Those whose first word holds a value.
  private let open: [Entry]

  private struct Entry: Sendable {
    let text: String
    let english: MessagePattern
    let translation: MessagePattern
    /// How many bytes of it are words: what has more says more about a sentence.
    let weight: Int

    /// Whether it is tried before another; of two that say as much always the same.
    func precedes(_ other: Entry) -> Bool {
      weight == other.weight ? text < other.text : weight > other.weight
    }
  }

  /// What is longer is no sentence of the program, but holds somebody's text, which
  /// nobody needs to read in another language.
  private static let longest = 2_048

  /// - Parameter texts: from English to the language.
  public init(language: Language, texts: [String: String]) {
    self.language = language
    var whole: [String: String] = [:]
    var patterns: [String: [Entry]] = [:]
    var open: [Entry] = []
    for (english, translation) in texts {
      let pattern = MessagePattern(english)
      if pattern.names.isEmpty {
        whole[english] = translation
        continue
      }
      let weight = pattern.pieces.reduce(0) { sum, piece in
        if case .text(let text) = piece { sum + text.utf8.count } else { sum }
      }
      // Nothing but values says nothing.
      guard weight > 0 else { continue }
      let entry = Entry(
        text: english, english: pattern, translation: MessagePattern(translation), weight: weight)
      // A first word that a value may be part of can't be found by itself.
      if case .text(let beginning) = pattern.pieces.first, beginning.contains(" ") {
        patterns[Self.beginning(of: beginning), default: []].append(entry)
      } else {
        open.append(entry)
      }
    }
    self.whole = whole
    self.patterns = patterns.mapValues { ($0 + open).sorted { $0.precedes($1) } }
    self.open = open.sorted { $0.precedes($1) }
  }

  /// - Parameter json: an object of strings.
  public convenience init(language: Language, json: String) {
    let texts = try? JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    self.init(language: language, texts: texts ?? [:])
  }

  /// The language of who reads what is being made.
  public static var language: Language { current?.language ?? .english }

  /// A sentence in the language of who reads what is being made.
  public static func shown(_ english: String) -> String {
    current?.translate(english) ?? english
  }

  /// A sentence, or several, in the language; as it is where nothing fits.
  public func translate(_ english: String) -> String {
    english.utf8.count > Self.longest ? english : translate(english, depth: 0)
  }

  private func translate(_ english: String, depth: Int) -> String {
    if let known = whole[english] { return known }
    let sentences = Self.sentences(in: english)
    guard sentences.count > 1 else { return translation(of: english, depth: depth) ?? english }
    // One by one first: the last value of a pattern would take what follows it.
    let translations = sentences.map { translation(of: $0, depth: depth) }
    if !translations.contains(nil) {
      return translations.compactMap(\.self).joined(separator: " ")
    }
    return translation(of: english, depth: depth)
      ?? zip(sentences, translations).map { $1 ?? $0 }.joined(separator: " ")
  }

  private func translation(of english: String, depth: Int) -> String? {
    if let known = whole[english] { return known }
    // A sentence in a sentence in a sentence is as deep as it gets.
    guard depth < 4, english.utf8.contains(where: { $0 == 0x20 }) || !open.isEmpty else {
      return nil
    }
    for entry in patterns[Self.beginning(of: english)] ?? open {
      if let text = apply(entry, to: english, depth) { return text }
    }
    return nil
  }

  private func apply(_ entry: Entry, to english: String, _ depth: Int) -> String? {
    guard let values = Self.match(entry.english.pieces, english) else { return nil }
    var result = ""
    for piece in entry.translation.pieces {
      switch piece {
      case .text(let text): result += text
      case .value(let name, let isSentence):
        let value = values[name] ?? ""
        result += isSentence ? translate(value, depth: depth + 1) : value
      case .plural(let name, let forms): result += forms.form(of: values[name] ?? "")
      }
    }
    return result
  }

  /// What a sentence has in the places of values; nil when it isn't the pattern's.
  ///
  /// A value is never empty, and ends before the first of the words that follow
  /// it; the last words of a pattern are the end of the sentence. No second place
  /// is tried: with that, who may put a text into a sentence could make the time
  /// to read it grow with every value.
  private static func match(_ pieces: [MessagePattern.Piece], _ text: String) -> [String: String]? {
    var values: [String: String] = [:]
    var rest = text[...].utf8
    var name: String?
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .plural: return nil
      case .value(let next, _):
        // Nothing tells where the one before it would end.
        guard name == nil else { return nil }
        name = next
      case .text(let words):
        let isLast = index == pieces.count - 1
        guard let found = place(of: words.utf8, in: rest, after: name != nil, isLast: isLast)
        else { return nil }
        if let name { values[name] = String(Substring(rest[..<found.lowerBound])) }
        name = nil
        rest = rest[found.upperBound...]
      }
    }
    guard let name else { return rest.isEmpty ? values : nil }
    guard !rest.isEmpty else { return nil }
    values[name] = String(Substring(rest))
    return values
  }

  /// Where words of a pattern stand: at the beginning, or behind a value of at
  /// least one character.
  private static func place(
    of words: String.UTF8View, in text: Substring.UTF8View, after isBehindValue: Bool, isLast: Bool
  ) -> Range<Substring.Index>? {
    guard isBehindValue else {
      guard text.starts(with: words) else { return nil }
      return text.startIndex..<text.index(text.startIndex, offsetBy: words.count)
    }
    // The value may be as short as a byte, but not empty.
    let room = text.count - words.count
    guard room > 0, let first = words.first else { return nil }
    if isLast {
      let start = text.index(text.startIndex, offsetBy: room)
      return text[start...].elementsEqual(words) ? start..<text.endIndex : nil
    }
    var from = text.index(after: text.startIndex)
    while let start = text[from...].firstIndex(of: first) {
      let tail = text[start...]
      if tail.starts(with: words) {
        return start..<text.index(start, offsetBy: words.count)
      }
      from = text.index(after: start)
    }
    return nil
  }

  /// The first word, by which patterns are found.
  private static func beginning(of text: String) -> String {
    String(text.prefix { $0 != " " })
  }

  /// `A thing failed. Do this.` is two; `J. Smith did it.` is one.
  private static func sentences(in text: String) -> [String] {
    var result: [String] = []
    var current = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !current.isEmpty { current += " " }
      current += word
      if word.count > 2, let last = word.last, last == "." || last == "?" || last == "!" {
        result.append(current)
        current = ""
      }
    }
    if !current.isEmpty { result.append(current) }
    return result
  }
}
