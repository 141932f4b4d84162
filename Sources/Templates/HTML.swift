/// Finished HTML: bytes that may be sent to a browser as they are.
///
/// Templates return it, and `{{{name}}}` accepts nothing else, so text that a
/// person typed can't get into a page without being escaped.
public struct HTML: Sendable, Hashable {
  /// The markup, UTF-8.
  public let bytes: [UInt8]

  /// Declares `bytes` to be safe markup without looking at them. Whoever calls
  /// this answers for it: nothing in `bytes` may come from a person unescaped.
  public init(trusted bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Nothing at all.
  public static let empty = HTML(trusted: [])

  /// `text` as HTML: every character shows as it was typed. Good for element
  /// content and for quoted attribute values.
  public static func text(_ text: String) -> HTML {
    var writer = TemplateWriter(reserving: text.utf8.count + 16)
    writer.text(text)
    return writer.html()
  }
}
