import Kubernetes

/// The type of a field, as far as apply, patches and validation need it.
indirect enum FieldType: Sendable, Hashable {
  case string
  case integer
  case number
  case bool
  case quantity
  case integerOrString
  case any
  /// A type of ``Schema`` by name; atomic: has one owner as a whole.
  case structure(String, atomic: Bool)
  case map(FieldType, atomic: Bool)
  case list(FieldType, ListKind, mergeKey: MergeKey)
}

/// How server-side apply tells the elements of a list apart
/// (`x-kubernetes-list-type`).
enum ListKind: Sendable, Hashable {
  case atomic
  case set
  case map([String])
}

/// How a strategic merge patch merges a list (`x-kubernetes-patch-strategy`).
enum MergeKey: Sendable, Hashable {
  case replace
  case values
  case key(String)
}

/// The field types of the kinds that the sandbox serves.
struct Schema: Sendable {
  /// The types by name, each with its fields by name.
  let types: [String: [String: FieldType]]

  /// Read once from ``SchemaTable``.
  static let shared = Schema(table: SchemaTable.firstHalf + "\n" + SchemaTable.secondHalf)

  private init(table: String) {
    var types: [String: [String: FieldType]] = [:]
    var atomics: Set<String> = []
    let entries = Self.joinedLines(table).map { $0.split(separator: " ") }
    for words in entries where words[0].hasSuffix("!") {
      atomics.insert(String(words[0].dropLast()))
    }
    for words in entries {
      let name = words[0].hasSuffix("!") ? words[0].dropLast() : words[0]
      var fields: [String: FieldType] = [:]
      for word in words.dropFirst() {
        guard let colon = word.firstIndex(of: ":") else { continue }
        var parser = FieldTypeParser(rest: word[word.index(after: colon)...], atomics: atomics)
        fields[String(word[..<colon])] = parser.parse()
      }
      types[String(name)] = fields
    }
    self.types = types
  }

  /// The root type of a kind.
  static func type(of resource: ResourceType) -> FieldType {
    shared.types[resource.kind] == nil ? .any : .structure(resource.kind, atomic: false)
  }

  /// The type of a member of a structure or map; `nil` when not declared.
  func member(_ key: String, of type: FieldType) -> FieldType? {
    switch type {
    case .structure(let name, _): types[name]?[key]
    case .map(let element, _): element
    case .any: .any
    default: nil
    }
  }

  private static func joinedLines(_ table: String) -> [String] {
    var lines: [String] = []
    for line in table.split(separator: "\n") {
      if line.hasPrefix(" "), !lines.isEmpty {
        lines[lines.count - 1] += line
      } else {
        lines.append(String(line))
      }
    }
    return lines
  }
}

/// The schema as text, one type a line (continued lines are indented):
/// name (`!`: atomic), then `field:type`. Types: `s` string, `i` integer, `n`
/// number, `b` boolean, `q` quantity, `x` integer or string, `{T}` map (`!`
/// atomic), `[T]` atomic list, `[T|set]`, `[T|map=keys]`; `^key` names the
/// merge key of strategic merge patches (`^` alone: merged by value).
enum SchemaTable {}

private struct FieldTypeParser {
  var rest: Substring
  let atomics: Set<String>

  mutating func parse() -> FieldType {
    switch rest.first {
    case "[": list()
    case "{": map()
    default: named()
    }
  }

  private mutating func list() -> FieldType {
    rest.removeFirst()
    let element = parse()
    var kind = ListKind.atomic
    if rest.first == "|" {
      rest.removeFirst()
      let text = take(until: "]")
      kind = text == "set" ? .set : .map(text.dropFirst(4).split(separator: ",").map(String.init))
    }
    rest.removeFirst()
    guard rest.first == "^" else { return .list(element, kind, mergeKey: .replace) }
    let key = String(rest.dropFirst())
    return .list(element, kind, mergeKey: key.isEmpty ? .values : .key(key))
  }

  private mutating func map() -> FieldType {
    rest.removeFirst()
    let element = parse()
    rest.removeFirst()
    let atomic = rest.first == "!"
    if atomic { rest.removeFirst() }
    return .map(element, atomic: atomic)
  }

  private mutating func named() -> FieldType {
    let name = take { !"]}|!^".contains($0) }
    var atomic = atomics.contains(name)
    if rest.first == "!" {
      rest.removeFirst()
      atomic = true
    }
    return switch name {
    case "s": .string
    case "i": .integer
    case "n": .number
    case "b": .bool
    case "q": .quantity
    case "x": .integerOrString
    case "any": .any
    default: .structure(name, atomic: atomic)
    }
  }

  private mutating func take(until end: Character) -> String { take { $0 != end } }

  private mutating func take(while condition: (Character) -> Bool) -> String {
    let text = rest.prefix(while: condition)
    rest = rest.dropFirst(text.count)
    return String(text)
  }
}
