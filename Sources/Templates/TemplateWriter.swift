/// The growing output of a template. Generated code calls it; nothing else
/// needs to.
///
/// Escaping looks at bytes, never at `Character`s: a quotation mark followed by
/// a combining mark is one `Character` and would pass unescaped.
///
/// It owns plain memory instead of an array: a page is some hundreds of short
/// appends, and an array checks for sharing at each, which halves the speed.
public struct TemplateWriter: ~Copyable {
  @usableFromInline
  var memory: UnsafeMutablePointer<UInt8>
  @usableFromInline
  var capacity: Int
  /// How many bytes of `memory` are written; never more than `capacity`.
  @usableFromInline
  var count = 0
  /// The language of who reads this.
  public let language: Language
  @usableFromInline
  let catalogue: MessageCatalogue?

  /// An empty writer with room for `capacity` bytes.
  public init(reserving capacity: Int) {
    self.capacity = max(capacity, 256)
    memory = .allocate(capacity: self.capacity)
    catalogue = MessageCatalogue.current
    language = catalogue?.language ?? .english
  }

  deinit {
    memory.deallocate()
  }

  /// The output so far, as a page or a part of one.
  public consuming func html() -> HTML { HTML(trusted: document()) }

  /// The output so far, as a YAML document.
  public consuming func document() -> [UInt8] {
    Array(UnsafeBufferPointer(start: memory, count: count))
  }

  /// Appends text that stands in a template.
  @inlinable
  public mutating func literal(_ text: StaticString) {
    // A literal of one ASCII character may be stored without an address.
    if text.hasPointerRepresentation {
      append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    } else {
      text.withUTF8Buffer { append($0) }
    }
  }

  /// Appends markup as it is.
  @inlinable
  public mutating func html(_ html: HTML) {
    html.bytes.withUnsafeBufferPointer { append($0) }
  }

  /// Appends `value` for HTML text or a quoted attribute value.
  @inlinable
  public mutating func text<Value: TextRepresentable>(_ value: Value) {
    value.withTemplateBytes { appendEscapedHTML($0) }
  }

  /// Appends a sentence of the program in the reader's language, for HTML text or
  /// a quoted attribute value.
  public mutating func sentence<Value: TextRepresentable>(_ value: Value) {
    if let catalogue { text(catalogue.translate(value.templateText)) } else { text(value) }
  }

  /// Appends the form of a word that fits a number, as it is. `many` is for 0 and
  /// 5, see ``MessagePattern/PluralForms``.
  public mutating func plural<Value: TextRepresentable>(
    _ number: Value, _ one: StaticString, _ few: StaticString, _ many: StaticString
  ) {
    let places = MessagePattern.PluralForms(one: "1", few: "2", many: "5")
    switch places.form(of: number.templateText) {
    case "1": literal(one)
    case "2": literal(few)
    default: literal(many)
    }
  }

  /// Appends `value` as a whole URL attribute.
  @inlinable
  public mutating func link(_ value: Link) {
    value.text.withTemplateBytes { appendEscapedHTML($0) }
  }

  /// Appends `value` as a YAML scalar: numbers and booleans plain, anything
  /// else in double quotes.
  @inlinable
  public mutating func yaml<Value: TextRepresentable>(_ value: Value) {
    value.withTemplateBytes { text in
      if Value.isPlainInYAML, isPlainScalar(text) {
        append(text)
      } else {
        appendQuotedYAML(text)
      }
    }
  }

  /// Appends `value` as a YAML mapping key, always quoted: Kubernetes knows
  /// string keys only. YAML 1.2 §7.4.2 bounds a key to 1024 characters.
  @inlinable
  public mutating func yamlKey<Value: TextRepresentable>(_ value: Value) {
    value.withTemplateBytes { appendQuotedYAML($0) }
  }

  /// Appends `source` as it is.
  @inlinable
  mutating func append(_ source: UnsafeBufferPointer<UInt8>) {
    guard let start = source.baseAddress else { return }
    if source.count > capacity - count { grow(by: source.count) }
    (memory + count).update(from: start, count: source.count)
    count += source.count
  }

  @inlinable
  mutating func append(_ byte: UInt8) {
    if count == capacity { grow(by: 1) }
    memory[count] = byte
    count += 1
  }

  /// Makes room for `extra` more bytes, at least twice what there was.
  @usableFromInline
  mutating func grow(by extra: Int) {
    let larger = max(capacity * 2, count + extra)
    let replacement = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    replacement.update(from: memory, count: count)
    memory.deallocate()
    memory = replacement
    capacity = larger
  }
}
