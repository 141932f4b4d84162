import Foundation

/// Why an object isn't the resource it should be.
public struct ResourceDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where in the object, as in `spec.replicas`; empty for the object itself.
  public var path: String
  /// What was expected there, as in `a whole number`.
  public var expected: String

  /// Makes an error about the value at `path`.
  public init(path: String, expected: String) {
    self.path = path
    self.expected = expected
  }

  public var description: String {
    path.isEmpty ? "The object isn't \(expected)." : "The field \(path) isn't \(expected)."
  }

  fileprivate func inside(_ parent: String) -> ResourceDecodingError {
    ResourceDecodingError(
      path: path.isEmpty ? parent : path.hasPrefix("[") ? parent + path : "\(parent).\(path)",
      expected: expected)
  }
}

/// Reads the members of one JSON object. Missing and `null` are the same, an
/// absent list or map is empty, unknown members don't matter; only a value of
/// the wrong type is an error.
struct ResourceFields {
  private let members: [String: JSONValue]

  /// - Throws: when `json` isn't an object.
  init(_ json: JSONValue) throws(ResourceDecodingError) {
    guard case .object(let members) = json else {
      throw ResourceDecodingError(path: "", expected: "an object")
    }
    self.members = members
  }

  private func present(_ key: String) -> JSONValue? {
    guard let value = members[key] else { return nil }
    if case .null = value { return nil }
    return value
  }

  private func mismatch(_ key: String, _ expected: String) -> ResourceDecodingError {
    ResourceDecodingError(path: key, expected: expected)
  }

  func string(_ key: String) throws(ResourceDecodingError) -> String? {
    guard let value = present(key) else { return nil }
    guard case .string(let text) = value else { throw mismatch(key, "a string") }
    return text
  }

  func int(_ key: String) throws(ResourceDecodingError) -> Int? {
    guard let value = present(key) else { return nil }
    guard let number = value.int else { throw mismatch(key, "a whole number") }
    return number
  }

  func bool(_ key: String) throws(ResourceDecodingError) -> Bool? {
    guard let value = present(key) else { return nil }
    guard case .bool(let flag) = value else { throw mismatch(key, "true or false") }
    return flag
  }

  func date(_ key: String) throws(ResourceDecodingError) -> Date? {
    guard let text = try string(key) else { return nil }
    guard let date = Timestamp.date(text) else { throw mismatch(key, "an RFC 3339 time") }
    return date
  }

  /// A string, or a whole number as text (`intstr.IntOrString`).
  func intOrString(_ key: String) throws(ResourceDecodingError) -> String? {
    switch present(key) {
    case nil: return nil
    case .string(let text): return text
    case .integer(let number): return String(number)
    default: throw mismatch(key, "a string or a whole number")
    }
  }

  func quantity(_ key: String) throws(ResourceDecodingError) -> Quantity? {
    guard let value = present(key) else { return nil }
    guard let quantity = Quantity(value) else { throw mismatch(key, "a quantity") }
    return quantity
  }

  func strings(_ key: String) throws(ResourceDecodingError) -> [String] {
    guard let value = present(key) else { return [] }
    guard case .array(let elements) = value else { throw mismatch(key, "a list") }
    var result: [String] = []
    result.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      guard case .string(let text) = element else {
        throw mismatch("\(key)[\(index)]", "a string")
      }
      result.append(text)
    }
    return result
  }

  func stringMap(_ key: String) throws(ResourceDecodingError) -> [String: String] {
    guard let value = present(key) else { return [:] }
    guard case .object(let members) = value else { throw mismatch(key, "a map") }
    var result = [String: String](minimumCapacity: members.count)
    for (name, member) in members {
      guard case .string(let text) = member else { throw mismatch("\(key).\(name)", "a string") }
      result[name] = text
    }
    return result
  }

  func quantityMap(_ key: String) throws(ResourceDecodingError) -> [String: Quantity] {
    guard let value = present(key) else { return [:] }
    guard case .object(let members) = value else { throw mismatch(key, "a map") }
    var result = [String: Quantity](minimumCapacity: members.count)
    for (name, member) in members {
      guard let quantity = Quantity(member) else {
        throw mismatch("\(key).\(name)", "a quantity")
      }
      result[name] = quantity
    }
    return result
  }

  /// The names of a map's members, in order.
  func keys(_ key: String) throws(ResourceDecodingError) -> [String] {
    guard let value = present(key) else { return [] }
    guard case .object(let members) = value else { throw mismatch(key, "a map") }
    return members.keys.sorted()
  }

  /// An object read by `make`; `nil` when it isn't there.
  func object<Value>(
    _ key: String, _ make: (ResourceFields) throws(ResourceDecodingError) -> Value
  ) throws(ResourceDecodingError) -> Value? {
    guard let value = present(key) else { return nil }
    do throws(ResourceDecodingError) {
      return try make(ResourceFields(value))
    } catch {
      throw error.inside(key)
    }
  }

  /// A list of objects, each read by `make`.
  func objects<Value>(
    _ key: String, _ make: (ResourceFields) throws(ResourceDecodingError) -> Value
  ) throws(ResourceDecodingError) -> [Value] {
    guard let value = present(key) else { return [] }
    guard case .array(let elements) = value else { throw mismatch(key, "a list") }
    var result: [Value] = []
    result.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(ResourceDecodingError) {
        result.append(try make(ResourceFields(element)))
      } catch {
        throw error.inside("\(key)[\(index)]")
      }
    }
    return result
  }
}
