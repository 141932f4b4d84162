/// One template, understood.
struct ParsedTemplate {
  let source: SourceText
  let signature: Signature
  let nodes: [Node]
}

/// What the first line of a template says it takes.
struct Signature {
  enum Kind: Equatable {
    /// `{{@view ProjectShowView}}`: one value, whose properties are the names.
    case view(type: String)
    /// `{{@params status: BadgeStatus, open: Bool = false}}`.
    case parameters
  }

  struct Parameter: Equatable {
    let name: String
    let type: String
    let defaultValue: String?
  }

  var kind: Kind
  var parameters: [Parameter] = []
  /// Whether the template holds `{{> @partial-block}}`, that is, is a layout.
  var hasBlock = false
}

/// A dotted name.
struct Path: Equatable {
  let components: [String]
  let offset: Int

  var text: String { components.joined(separator: ".") }

  /// Names of types begin with a capital letter: `StaticAssets.stylesheet` is
  /// taken as it is.
  var isGlobal: Bool { components[0].utf8.first.map { $0 & 0x20 == 0 } ?? false }
}

indirect enum Node {
  case text(Range<Int>)
  case value(Path, ValueKind, tag: Int)
  case conditional(Path, isNegated: Bool, Branches)
  case each(Path, name: String, Branches)
  case with(Path, name: String, Branches)
  case partial(PartialCall)
  /// `{{> @partial-block}}`.
  case block(tag: Int)
}

/// What a value's tag says about it.
enum ValueKind {
  /// `{{name}}`: text, escaped for its place.
  case text
  /// `{{{name}}}`: HTML as it is.
  case raw
  /// `{{t name}}`: a sentence of the program, shown in the reader's language.
  case sentence
}

/// The bodies of a block tag.
struct Branches {
  var body: [Node]
  var otherwise: [Node]?
  /// Where the block tag begins.
  let tag: Int
  /// Where the tag that ends it begins.
  var end: Int
}

struct PartialCall {
  struct Argument {
    /// `nil` for the one value that a template with `@view` takes.
    let name: String?
    let value: Value
    let offset: Int
  }

  enum Value {
    case path(Path)
    case string(String)
    case integer(String)
    case boolean(Bool)
  }

  let name: String
  let nameOffset: Int
  let arguments: [Argument]
  /// The content, for `{{#> layout}}`.
  var block: [Node]?
  let tag: Int
  /// How far the tag is from the left, if nothing else is on its line.
  let indentation: Int?
}
