import Yams

/// Why a text isn't YAML that Kubernetes would take.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, as a sentence without its full stop.
  public var problem: String
  /// From 1; 0 when it isn't known.
  public var line: Int
  /// From 1; 0 when it isn't known.
  public var column: Int

  /// Makes an error about a place in the text.
  public init(_ problem: String, line: Int = 0, column: Int = 0) {
    self.problem = problem
    self.line = line
    self.column = column
  }

  public var description: String {
    line == 0 ? "Not YAML: \(problem)." : "Not YAML: \(problem) (line \(line), column \(column))."
  }
}

extension JSONValue {
  /// The most values that one YAML document may hold, so that aliases of
  /// aliases can't fill the memory.
  public static let maximumYAMLValues = 200_000

  /// Reads one YAML document, as Kubernetes' tools do: plain scalars follow
  /// YAML 1.1 (`yes` and `on` are true), merge keys work, keys become strings.
  ///
  /// An empty document is ``null``.
  /// - Throws: ``YAMLError`` for bad syntax, duplicate keys, more than one
  ///   document, or too many values.
  public init(yaml text: String) throws(YAMLError) {
    let documents = try JSONValue.yamlDocuments(text)
    if documents.count > 1 { throw YAMLError("there is more than one document") }
    self = documents.first ?? .null
  }

  /// Reads all documents of a YAML text; see ``init(yaml:)``.
  ///
  /// - Throws: ``YAMLError``.
  public static func yamlDocuments(_ text: String) throws(YAMLError) -> [JSONValue] {
    var nodes: [Node] = []
    do {
      // `basic` leaves scalars alone. Yams' own rules are regular expressions,
      // a hundred times slower than `YAMLScalar`.
      var sequence = try Yams.compose_all(yaml: text, .basic)
      // It keeps its error to itself, so no copy of it may do the reading.
      while let node = sequence.next() { nodes.append(node) }
      if let error = sequence.error { throw error }
    } catch {
      throw YAMLError(error)
    }
    var reader = YAMLReader()
    var documents: [JSONValue] = []
    for node in nodes { documents.append(try reader.value(of: node, depth: 0)) }
    return documents
  }
}

extension YAMLError {
  fileprivate init(_ error: any Error) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(problem, line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        "the key \(keys.joined(separator: ", ")) is there twice", line: context.mark.line,
        column: context.mark.column)
    case .reader(let problem, _, _, _): self.init(problem)
    default: self.init("it can't be read")
    }
  }
}

/// Turns Yams' nodes into values.
private struct YAMLReader {
  private var count = 0

  mutating func value(of node: Node, depth: Int) throws(YAMLError) -> JSONValue {
    count += 1
    if count > JSONValue.maximumYAMLValues { throw error("there are too many values", node) }
    if depth > JSONValue.maximumDepth { throw error("it is nested too deeply", node) }
    switch node {
    case .scalar(let scalar):
      let isText = scalar.style != .plain || scalar.tag.description == Tag.Name.str.rawValue
      return isText ? .string(scalar.string) : YAMLScalar.value(of: scalar.string)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try value(of: element, depth: depth + 1)) }
      return .array(elements)
    case .mapping(let mapping):
      return .object(try members(of: mapping, depth: depth + 1))
    case .alias:
      throw error("there is an alias without an anchor", node)
    }
  }

  private mutating func members(
    of mapping: Node.Mapping, depth: Int
  ) throws(YAMLError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    var merged: [String: JSONValue] = [:]
    for (key, node) in mapping {
      guard let scalar = key.scalar else { throw error("a key isn't a scalar", key) }
      let value = try value(of: node, depth: depth)
      if scalar.string == "<<", scalar.style == .plain {
        for source in value.array ?? [value] {
          guard let object = source.object else { throw error("<< needs a mapping", key) }
          merged.merge(object) { first, _ in first }
        }
      } else {
        members[scalar.string] = value
      }
    }
    return merged.merging(members) { _, own in own }
  }

  private func error(_ problem: String, _ node: Node) -> YAMLError {
    YAMLError(problem, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
  }
}

/// What a plain scalar means (YAML 1.1, as far as go-yaml has it).
private enum YAMLScalar {
  static func value(of text: String) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
      return .bool(true)
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
      return .bool(false)
    default: return number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> JSONValue? {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    guard let first = rest.first, first.isASCII, first.isNumber || first == "." else {
      return nil
    }
    let digits = rest.replacing("_", with: "")
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.hasPrefix(prefix) {
      return whole(digits.dropFirst(2), radix: radix, isNegative: isNegative)
    }
    let isDecimal = digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if isDecimal, digits.count > 1, first == "0" {
      if let octal = whole(digits, radix: 8, isNegative: isNegative) { return octal }
    } else if isDecimal, let value = whole(digits, radix: 10, isNegative: isNegative) {
      return value
    }
    let allowed = digits.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte)
    }
    guard allowed, rest.contains(where: \.isNumber),
      let value = Double((isNegative ? "-" : "") + digits), value.isFinite
    else { return nil }
    return .number(value)
  }

  private static func whole(
    _ digits: some StringProtocol, radix: Int, isNegative: Bool
  ) -> JSONValue? {
    guard digits.first != "+", digits.first != "-" else { return nil }
    return Int64((isNegative ? "-" : "") + digits, radix: radix).map(JSONValue.integer)
  }
}
