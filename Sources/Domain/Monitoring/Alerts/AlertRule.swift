internal import Kubernetes

/// One alert rule of Prometheus.
struct AlertRule: Sendable, Hashable {
  var name: String
  var expression: String
  /// For how long it must hold, and for how long it goes on after, in seconds.
  var delay: Double
  var keep: Double
  var labels: [String: String]
  var annotations: [String: String]
}

/// Alert rules from files as Prometheus reads them. Recording rules in them are
/// Prometheus' own affair and are passed over.
public struct AlertRules: Sendable {
  /// The most rules that are taken.
  public static let most = 300
  let all: [AlertRule]

  /// No rules.
  public init() { all = [] }

  /// What is wrong with a file of rules, as a whole sentence.
  public struct Mistake: Error, Sendable, Hashable {
    public let sentence: String
  }

  /// - Parameter files: their names, for messages, and their texts.
  public init(_ files: [(name: String, text: String)]) throws(Mistake) {
    var all: [AlertRule] = []
    for (name, text) in files {
      let document: JSONValue
      do { document = try JSONValue(yaml: text) } catch {
        throw Mistake(sentence: "The alert rules in \(name) can't be read. \(error)")
      }
      guard let groups = document["groups"]?.array else {
        throw Mistake(sentence: "The file \(name) has no list of “groups”, as alert rules have.")
      }
      for rule in groups.flatMap({ $0["rules"]?.array ?? [] }) where rule["alert"] != nil {
        all.append(try Self.rule(rule, in: name))
      }
    }
    guard all.count <= Self.most else {
      throw Mistake(sentence: "These are \(all.count) alert rules; at most \(Self.most) are taken.")
    }
    self.all = all
  }

  /// How many alert rules there are.
  public var count: Int { all.count }

  private static func rule(_ value: JSONValue, in file: String) throws(Mistake) -> AlertRule {
    guard let name = value["alert"]?.string, !name.isEmpty else {
      throw Mistake(sentence: "A rule in \(file) has no name after “alert”.")
    }
    guard let expression = value["expr"].flatMap(text), !expression.isEmpty else {
      throw Mistake(sentence: "The rule \(name) in \(file) has no “expr”.")
    }
    func duration(_ key: String) throws(Mistake) -> Double {
      guard let text = value[key].flatMap(text) else { return 0 }
      guard let seconds = seconds(text) else {
        throw Mistake(
          sentence: "“\(key)” of the rule \(name) in \(file) is no time like 5m: “\(text)”.")
      }
      return seconds
    }
    return AlertRule(
      name: name, expression: expression, delay: try duration("for"),
      keep: try duration("keep_firing_for"), labels: texts(value["labels"]),
      annotations: texts(value["annotations"]))
  }

  private static func texts(_ value: JSONValue?) -> [String: String] {
    (value?.object ?? [:]).compactMapValues(text)
  }

  /// A scalar as it was meant: `3` is a text here.
  private static func text(_ value: JSONValue) -> String? {
    value.string ?? value.int.map { String($0) } ?? value.double.map { String($0) }
      ?? value.bool.map { String($0) }
  }

  /// A duration of Prometheus, as `1h30m`; nil for anything else.
  static func seconds(_ text: String) -> Double? {
    if text == "0" { return 0 }
    let units: [(String, Double)] = [
      ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800),
      ("y", 31_536_000),
    ]
    var rest = Substring(text)
    var sum = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Double(digits), digits.count <= 9 else { return nil }
      rest = rest.dropFirst(digits.count)
      let word = rest.prefix { $0.isLetter }
      guard let unit = units.first(where: { $0.0 == word }) else { return nil }
      sum += number * unit.1
      rest = rest.dropFirst(word.count)
    }
    return sum
  }
}
