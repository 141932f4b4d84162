/// What an installation of Prometheus calls the labels that BabyHelm asks for,
/// and what else its series must have.
///
/// The names are those that kube-prometheus-stack gives. Elsewhere they
/// differ: what is scraped without `honor_labels` has its own namespace in
/// `exported_namespace`, for example.
public struct PrometheusLabels: Sendable, Hashable {
  /// Who tells a series. Each may name things in its own way.
  public enum Source: String, Sendable, Hashable, CaseIterable {
    /// cAdvisor and the kubelet.
    case containers
    /// kube-state-metrics, version 2.
    case state
    /// ingress-nginx.
    case ingress
    /// What applications export themselves.
    case application
  }

  /// What BabyHelm asks a series for.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    case namespace
    case pod
    case container
    case ingress
  }

  private var names: [Source: [Role: LabelName]] = [:]
  /// Labels with values that every series must have, such as a cluster's name
  /// where one Prometheus watches several.
  public private(set) var required: [LabelName: String] = [:]

  public init() {}

  /// Reads a list like `namespace=kube_ns,ingress-namespace=namespace,cluster="prod"`:
  /// a role with a label's name, for one source where the source stands before
  /// it; a label with a value in quotes must be there.
  ///
  /// - Throws: ``Mistake`` with a sentence about the first part that can't be.
  public init(parsing text: String) throws(Mistake) {
    self.init()
    for (key, value) in try Self.pairs(of: text) {
      switch value {
      case .quoted(let value):
        guard let label = LabelName(validating: key) else { throw Mistake.name(key) }
        required[label] = value
      case .bare(let name):
        guard let label = LabelName(validating: name) else { throw Mistake.name(name) }
        try set(key, to: label)
      }
    }
  }

  /// What a source calls something.
  func name(_ role: Role, of source: Source) -> LabelName {
    names[source]?[role] ?? LabelName(role)
  }

  /// Where a source has the namespace; unless told, ingress-nginx has it in one
  /// of two labels, depending on how it is scraped.
  func namespaces(of source: Source) -> [LabelName] {
    if source == .ingress, names[source]?[.namespace] == nil {
      return ["exported_namespace", "namespace"]
    }
    return [name(.namespace, of: source)]
  }

  private mutating func set(_ key: String, to label: LabelName) throws(Mistake) {
    if let role = Role(rawValue: key), role != .ingress {
      for source in Source.allCases where source != .ingress {
        names[source, default: [:]][role] = label
      }
      return
    }
    if key == Role.ingress.rawValue {
      names[.ingress, default: [:]][.ingress] = label
      return
    }
    let parts = key.split(separator: "-", maxSplits: 1).map(String.init)
    guard parts.count == 2, let source = Source(rawValue: parts[0]),
      let role = Role(rawValue: parts[1]), role != .ingress
    else { throw Mistake.key(key) }
    names[source, default: [:]][role] = label
  }

  /// Why a list of labels can't be, as a sentence.
  public struct Mistake: Error, Sendable, Hashable {
    public let sentence: String

    static func name(_ text: String) -> Mistake {
      Mistake(
        sentence: "“\(text)” is no label's name: letters, digits and _, no digit first, and not "
          + "two _ first.")
    }

    static func key(_ text: String) -> Mistake {
      Mistake(
        sentence: "“\(text)” is none of namespace, pod, container, ingress, nor one of them after "
          + "containers-, state-, ingress- or application-. A value that series must have goes in "
          + "quotes: cluster=\"prod\".")
    }

    static let form = Mistake(
      sentence: "It is a list with commas between, like "
        + "state-namespace=exported_namespace,cluster=\"prod\".")
  }

  private enum Value {
    case bare(String)
    case quoted(String)
  }

  /// The parts of a list; a value in quotes may have commas, and `\"` and `\\`.
  private static func pairs(of text: String) throws(Mistake) -> [(String, Value)] {
    var pairs: [(String, Value)] = []
    var rest = text[...].drop(while: \.isWhitespace)
    while !rest.isEmpty {
      guard let sign = rest.firstIndex(of: "=") else { throw Mistake.form }
      let key = String(rest[..<sign])
      rest = rest[rest.index(after: sign)...]
      if rest.first == "\"" {
        pairs.append((key, .quoted(try quoted(&rest))))
      } else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        pairs.append((key, .bare(String(rest[..<end]).trimmingSpaces())))
        rest = rest[end...]
      }
      rest = rest.drop(while: \.isWhitespace)
      guard rest.isEmpty || rest.first == "," else { throw Mistake.form }
      rest = rest.dropFirst().drop(while: \.isWhitespace)
    }
    return pairs
  }

  private static func quoted(_ rest: inout Substring) throws(Mistake) -> String {
    var value = ""
    rest = rest.dropFirst()
    while let character = rest.popFirst() {
      switch character {
      case "\"": return value
      case "\\":
        guard let next = rest.popFirst(), next == "\"" || next == "\\" else { throw Mistake.form }
        value.append(next)
      default: value.append(character)
      }
    }
    throw Mistake.form
  }
}

/// The name of a label, as Prometheus' data model allows it.
public struct LabelName: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  public let description: String

  /// - Returns: nil unless it is `[a-zA-Z_][a-zA-Z0-9_]*` and not one of
  ///   Prometheus' own, which begin with two underscores.
  public init?(validating text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 200, !text.hasPrefix("__"),
      !ASCII.isDigit(first), bytes.allSatisfy(ASCII.isWord)
    else { return nil }
    description = text
  }

  /// One that stands in the source: only literals are static.
  public init(stringLiteral name: StaticString) { description = "\(name)" }

  init(_ role: PrometheusLabels.Role) { description = role.rawValue }
}
