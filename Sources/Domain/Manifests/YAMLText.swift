internal import Kubernetes
internal import Templates

/// Writes objects as YAML in the subset that ``ManifestParser`` reads, in the
/// order people expect: kind and name before the rest, and `status` last.
struct YAMLText {
  private var text = ""
  private let scalar: (JSONValue) -> String
  /// What stands for the value at a path, as it is; nil for the value itself.
  private let replacement: ([String]) -> String?

  private init(
    scalar: @escaping (JSONValue) -> String, replacement: @escaping ([String]) -> String?
  ) {
    self.scalar = scalar
    self.replacement = replacement
  }

  /// The YAML of an object, with a line end after its last line.
  ///
  /// - Parameters:
  ///   - scalar: writes the values that nothing stands for.
  ///   - replacement: what stands for the value at a path of keys and
  ///     positions, word for word; nil for the value itself.
  static func of(
    _ object: JSONValue, scalar: @escaping (JSONValue) -> String = Self.scalar,
    replacing replacement: @escaping ([String]) -> String? = { _ in nil }
  ) -> String {
    var writer = YAMLText(scalar: scalar, replacement: replacement)
    writer.members(of: object.object ?? [:], at: [], indent: 0)
    return writer.text
  }

  /// A scalar as it stands after `key: `; objects and arrays that are empty
  /// count as one.
  static func scalar(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let value): quoted(value)
    case .array: "[]"
    case .object: "{}"
    }
  }

  /// A text in double quotes, with everything escaped that YAML treats specially.
  static func quoted(_ text: String) -> String {
    var writer = TemplateWriter(reserving: text.utf8.count + 2)
    writer.yaml(text)
    return String(decoding: writer.document(), as: UTF8.self)
  }

  /// A key, in quotes where some reader might take it for something else.
  static func key(_ key: String) -> String {
    let bytes = key.utf8
    let isPlain =
      bytes.first.map { ASCII.isLowercase($0) || ASCII.isUppercase($0) } ?? false
      && bytes.allSatisfy { ASCII.isWord($0) || [0x2d, 0x2e, 0x2f].contains($0) }
      && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(key.lowercased())
    return isPlain ? key : quoted(key)
  }

  /// The keys of an object as people expect them.
  static func ordered(_ keys: some Collection<String>) -> [String] {
    keys.sorted { (rank($0), $0) < (rank($1), $1) }
  }

  private static let first = ["apiVersion", "kind", "metadata", "name", "namespace", "type"]

  private static func rank(_ key: String) -> Int {
    key == "status" ? first.count + 1 : first.firstIndex(of: key) ?? first.count
  }

  private mutating func members(
    of object: [String: JSONValue], at path: [String], indent: Int
  ) {
    for key in Self.ordered(object.keys) {
      guard let value = object[key] else { continue }
      text += String(repeating: " ", count: indent)
      member(key, value, at: path + [key], indent: indent)
    }
  }

  /// Writes `key: value`; the indentation is there already.
  private mutating func member(
    _ key: String, _ value: JSONValue, at path: [String], indent: Int
  ) {
    text += Self.key(key) + ":"
    if let replacement = replacement(path) {
      text += " " + replacement + "\n"
      return
    }
    switch value {
    case .object(let members) where !members.isEmpty:
      text += "\n"
      self.members(of: members, at: path, indent: indent + 2)
    case .array(let items) where !items.isEmpty:
      text += "\n"
      for (index, item) in items.enumerated() {
        self.item(item, at: path + [String(index)], indent: indent + 2)
      }
    default:
      text += " " + scalar(value) + "\n"
    }
  }

  private mutating func item(_ item: JSONValue, at path: [String], indent: Int) {
    text += String(repeating: " ", count: indent) + "- "
    if let replacement = replacement(path) {
      text += replacement + "\n"
      return
    }
    guard case .object(let members) = item, !members.isEmpty else {
      text += scalar(item) + "\n"
      return
    }
    for (index, key) in Self.ordered(members.keys).enumerated() {
      guard let value = members[key] else { continue }
      if index > 0 { text += String(repeating: " ", count: indent + 2) }
      member(key, value, at: path + [key], indent: indent + 2)
    }
  }
}
