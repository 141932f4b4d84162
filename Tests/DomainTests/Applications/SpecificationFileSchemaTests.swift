import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct SpecificationFileSchemaTests {
  private let schema: JSONValue

  init() throws {
    schema = try JSONValue(parsing: SpecificationFileSchema.bytes)
  }

  /// The keys that the reader itself names when it refuses another one.
  private func keys(of text: String, at field: String) -> Set<String> {
    do throws(DomainError) {
      _ = try SpecificationFile(yaml: text)
      return []
    } catch {
      let message = error.fields.first { $0.field == field }?.message ?? ""
      let list = message.split(separator: "there are ").last?.dropLast() ?? ""
      return Set(list.split(separator: ", ").map(String.init))
    }
  }

  private func properties(_ path: String...) -> Set<String> {
    var found: JSONValue? = schema
    for name in path { found = found?["properties"]?[name] }
    let objects = [found ?? .null] + (found?["anyOf"]?.array ?? [])
    return Set(objects.compactMap { $0["properties"]?.object?.keys }.joined())
  }

  @Test func `it has exactly the keys that a file is read with`() {
    #expect(keys(of: "zzz: 1", at: "zzz").count > 15)
    #expect(properties() == keys(of: "zzz: 1", at: "zzz"))
    for name in ["resources", "autoscaling", "update", "healthCheck", "exposure"] {
      let known = keys(of: "\(name): {zzz: 1}", at: "\(name).zzz")
      #expect(known.count > 1)
      #expect(properties(name) == known, "\(name)")
    }
  }

  @Test func `the example of the documentation is valid, and has every key`() throws {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
    let page = try String(
      contentsOf: root.appending(path: "docs/specification.md"), encoding: .utf8)
    let example = try #require(page.split(separator: "```yaml\n").dropFirst().first)
    var value = try JSONValue(yaml: String(example.split(separator: "```")[0]))

    #expect(Set(value.object?.keys ?? [:].keys) == properties())
    // It shows both, and only one of them is allowed.
    value["replicas"] = nil
    #expect(SchemaCheck.mistakes(of: value, against: schema) == [])
  }

  @Test func `whatever can be deployed is a valid file`() throws {
    for draft in GeneratedDrafts.all {
      let spec = try draft.validated()
      var value = try JSONValue(parsing: SpecificationFile.bytes(of: spec))
      for key in ["secretValues", "registryLogin", "undoesFailures"] { value[key] = nil }

      #expect(SchemaCheck.mistakes(of: value, against: schema) == [], "\(draft.name)")
    }
  }

  @Test(arguments: [
    "image: nginx", "name: web", "name: Web\nimage: nginx", "name: web\nimage: nginx\nimge: x",
    "name: web\nimage: nginx\nports: [99999]", "name: web\nimage: nginx\nports: [53/SCTP]",
    "name: web\nimage: nginx\nreplicas: 101", "name: web\nimage: nginx\nresources: {cpu: 1}",
    "name: web\nimage: nginx\nhealthCheck: maybe", "name: web\nimage: nginx\nfiles: {a: b}",
    "name: web\nimage: nginx\nreplicas: 1\nautoscaling: {minimum: 1}",
    "name: web\nimage: nginx\nsecrets: {A: b}", "name: web\nimage: nginx\nexposure: {encrypted: 1}",
  ])
  func `what a file may not say is not valid`(text: String) throws {
    let value = try JSONValue(yaml: text)

    #expect(!SchemaCheck.mistakes(of: value, against: schema).isEmpty)
  }
}

/// As much of JSON Schema as our own uses.
private enum SchemaCheck {
  static func mistakes(
    of value: JSONValue, against schema: JSONValue, at path: String = ""
  ) -> [String] {
    var found: [String] = []
    func expect(_ holds: Bool, _ rule: String) {
      if !holds { found.append("\(path): \(rule)") }
    }
    if let type = schema["type"] {
      let types = type.array ?? [type]
      expect(types.contains { isA($0.string ?? "", value) }, "type")
    }
    if let values = schema["enum"]?.array { expect(values.contains(value), "enum") }
    if let limit = schema["minimum"]?.int, let number = value.int { expect(number >= limit, "min") }
    if let limit = schema["maximum"]?.int, let number = value.int { expect(number <= limit, "max") }
    if let text = value.string {
      expect(text.count >= schema["minLength"]?.int ?? 0, "minLength")
      expect(text.count <= schema["maxLength"]?.int ?? .max, "maxLength")
      if let pattern = schema["pattern"]?.string, let regex = try? Regex(pattern) {
        expect(text.contains(regex), "pattern")
      }
    }
    if let choices = schema["anyOf"]?.array {
      expect(choices.contains { mistakes(of: value, against: $0, at: path).isEmpty }, "anyOf")
    }
    if let other = schema["not"] { expect(!mistakes(of: value, against: other).isEmpty, "not") }
    for (index, item) in (value.array ?? []).enumerated() {
      guard let items = schema["items"] else { break }
      found += mistakes(of: item, against: items, at: "\(path)/\(index)")
    }
    return found + members(of: value, against: schema, at: path)
  }

  private static func members(
    of value: JSONValue, against schema: JSONValue, at path: String
  ) -> [String] {
    guard let members = value.object else { return [] }
    var found: [String] = []
    for name in schema["required"]?.array ?? [] where value[name.string ?? ""] == nil {
      found.append("\(path): required")
    }
    for (name, member) in members {
      if let names = schema["propertyNames"] {
        found += mistakes(of: .string(name), against: names, at: "\(path)/\(name)")
      }
      if let known = schema["properties"]?[name] {
        found += mistakes(of: member, against: known, at: "\(path)/\(name)")
      } else if schema["additionalProperties"] == false {
        found.append("\(path)/\(name): additionalProperties")
      } else if let others = schema["additionalProperties"] {
        found += mistakes(of: member, against: others, at: "\(path)/\(name)")
      }
    }
    return found
  }

  private static func isA(_ type: String, _ value: JSONValue) -> Bool {
    switch type {
    case "object": value.object != nil
    case "array": value.array != nil
    case "string": value.string != nil
    case "integer": value.int != nil
    case "boolean": value.bool != nil
    case "number":
      if case .number = value { true } else { value.int != nil }
    default: false
    }
  }
}
