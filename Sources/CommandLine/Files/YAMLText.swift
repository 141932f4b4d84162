internal import Yams

/// YAML to JSON and back, for specifications.
enum YAMLText {
  /// Reads every document of a text.
  ///
  /// A plain scalar is a number only where it is written as one is printed:
  /// `1.10` and `010` stay the texts that they are, and so does `yes`.
  ///
  /// - Throws: ``ClientError`` that names `origin` and the line.
  static func read(_ text: String, from origin: String) throws(ClientError) -> [JSON] {
    do {
      var documents: [JSON] = []
      var nodes = try Yams.compose_all(yaml: text, .basic)
      // It keeps its error to itself, so no copy of it may do the reading.
      var left = nodeLimit
      while let node = nodes.next() { documents.append(try value(of: node, depth: 0, &left)) }
      if let error = nodes.error { throw error }
      return documents
    } catch {
      throw ClientError(.misused, "\(origin) isn't YAML: \(reason(error)).")
    }
  }

  /// Deeper than any specification, and far from the end of the stack.
  private static let depthLimit = 100

  /// More than any folder of specifications has; aliases of aliases have more.
  private static let nodeLimit = 100_000

  private struct TooDeep: Error {}

  private static func value(of node: Node, depth: Int, _ left: inout Int) throws -> JSON {
    left -= 1
    guard depth < depthLimit, left > 0 else { throw TooDeep() }
    switch node {
    case .scalar(let scalar): return value(of: scalar)
    case .sequence(let items):
      var values: [JSON] = []
      for item in items { values.append(try value(of: item, depth: depth + 1, &left)) }
      return .array(values)
    case .mapping(let pairs):
      var members: [String: JSON] = [:]
      for (key, item) in pairs {
        members[key.scalar?.string ?? ""] = try value(of: item, depth: depth + 1, &left)
      }
      return .object(members)
    case .alias: return .null
    }
  }

  private static func value(of scalar: Node.Scalar) -> JSON {
    guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
    switch scalar.string {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    case let text:
      guard let number = Int(text), String(number) == text else { return .string(text) }
      return .integer(number)
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
      .composer(_, let problem, let mark, _)?:
      "line \(mark.line), column \(mark.column): \(problem)"
    case .duplicatedKeysInMapping(let keys, let context)?:
      "line \(context.mark.line): the key \(keys.joined(separator: ", ")) is there twice"
    case .reader(let problem, _, _, _)?: problem
    default: error is TooDeep ? "it is nested too deeply, or holds too much" : "it can't be read"
    }
  }

  /// Writes a value; the members of the outermost object in this order, then
  /// the others by name.
  static func write(_ value: JSON, order: [String]) throws -> String {
    try Yams.serialize(node: node(of: value, order: order), width: -1, allowUnicode: true)
  }

  private static func node(of value: JSON, order: [String] = []) -> Node {
    switch value {
    case .null: Node("null", Tag(.null))
    case .bool(let flag): Node(String(flag), Tag(.bool))
    case .integer(let number): Node(String(number), Tag(.int))
    case .number(let number): Node(String(number), Tag(.float))
    case .string(let text): .scalar(scalar(text))
    case .array(let items):
      Node(
        items.map { node(of: $0) }, Tag(.seq),
        items.allSatisfy { $0.array == nil && $0.object == nil } ? .flow : .block)
    case .object(let members):
      Node(
        members.keys.sorted { left, right in
          let places = [left, right].map { order.firstIndex(of: $0) ?? order.count }
          return places[0] == places[1] ? left < right : places[0] < places[1]
        }.map { (Node($0, Tag(.str)), node(of: members[$0] ?? .null)) }, Tag(.map),
        .block)
    }
  }

  /// Quoted where it would otherwise be read as something else, by us or by
  /// another program; text of many lines as it is.
  private static func scalar(_ text: String) -> Node.Scalar {
    let isPlainLines =
      text.contains("\n") && !text.hasPrefix(" ") && !text.hasPrefix("\n")
      && text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || !needsEscape($0) }
    if isPlainLines { return Node.Scalar(text, Tag(.str), .literal) }
    if text.unicodeScalars.contains(where: needsEscape) {
      return Node.Scalar(text, Tag(.str), .doubleQuoted)
    }
    let isText =
      value(of: Node.Scalar(text, Tag(.str), .plain)) == .string(text)
      // Yams' own rules are wider than ours, as other programs' are.
      && Resolver.default.resolveTag(of: .scalar(Node.Scalar(text))) == .str
    return Node.Scalar(text, Tag(.str), isText ? .any : .singleQuoted)
  }

  /// Control characters, and what YAML takes for a line's end or a byte order mark.
  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
      || [0x2028, 0x2029, 0xfeff].contains(scalar.value)
  }
}
