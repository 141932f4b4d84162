public import Domain
public import Kubernetes
import Testing

/// Helm's template language, as far as our charts use it (Helm documentation,
/// "The Chart Template Developer's Guide").
public struct HelmRendering {
  /// What a template asks for and can't have.
  public enum Mistake: Error { case unknownAction(String), missingValue(String) }

  let values: JSONValue
  let namespace: String

  init(_ chart: HelmChart, namespace: String) throws {
    let file = try #require(chart.files.first { $0.path == "values.yaml" })
    values = try JSONValue(yaml: file.text)
    self.namespace = namespace
  }

  /// The objects that the chart's templates render to, in their order.
  ///
  /// - Throws: ``Mistake`` for what Helm would do and this can't, an error of the
  ///   YAML for what isn't any.
  public static func objects(of chart: HelmChart, namespace: String) throws -> [JSONValue] {
    let rendering = try HelmRendering(chart, namespace: namespace)
    return try chart.files.filter { $0.path.hasPrefix("templates/") }.map {
      try JSONValue(yaml: rendering.text(of: $0.text))
    }
  }

  /// A template with every action in double braces carried out.
  func text(of template: String) throws -> String {
    var output = ""
    var rest = template[...]
    while let begin = rest.firstRange(of: "{{") {
      output += rest[..<begin.lowerBound]
      rest = rest[begin.upperBound...]
      // The literal of two braces is the only action with braces in it.
      if rest.hasPrefix(#" "{{" }}"#) {
        output += "{{"
        rest = rest.dropFirst(#" "{{" }}"#.count)
        continue
      }
      guard let end = rest.firstRange(of: "}}") else {
        throw Mistake.unknownAction(String(rest.prefix(40)))
      }
      output += try action(String(rest[..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return output + rest
  }

  private func action(_ text: String) throws -> String {
    let steps = text.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
    guard let first = steps.first, steps.count <= 2 else { throw Mistake.unknownAction(text) }
    let value = try value(of: first)
    switch steps.dropFirst().first {
    case nil: return value.string ?? value.description
    case ["quote"]: return JSONValue.string(value.string ?? value.description).description
    case ["toJson"]: return value.description
    default: throw Mistake.unknownAction(text)
    }
  }

  private func value(of words: [String]) throws -> JSONValue {
    if words == [".Release.Namespace"] { return .string(namespace) }
    var path: [String]
    if words.count == 1, words[0].hasPrefix(".Values.") {
      path = words[0].dropFirst(".Values.".count).split(separator: ".").map(String.init)
    } else if words.count > 2, words[0] == "index", words[1] == ".Values" {
      path = words.dropFirst(2).map { $0.trimmingCharacters(in: ["\""]) }
    } else {
      throw Mistake.unknownAction(words.joined(separator: " "))
    }
    var value = values
    while !path.isEmpty {
      let key = path.removeFirst()
      guard let next = value[key] else { throw Mistake.missingValue(key) }
      value = next
    }
    return value
  }
}

extension String {
  fileprivate func trimmingCharacters(in characters: Set<Character>) -> String {
    var text = self[...]
    while let first = text.first, characters.contains(first) { text = text.dropFirst() }
    while let last = text.last, characters.contains(last) { text = text.dropLast() }
    return String(text)
  }
}
