internal import Kubernetes

/// Which keys a manifest may have. A rendered manifest with any other key is
/// refused before it goes anywhere, so that no value can grow into one.
indirect enum ManifestShape: Sendable {
  case scalar
  case list(ManifestShape)
  case map([String: ManifestShape])
  /// A mapping whose keys are data, with values of one shape.
  case entries(ManifestShape)

  /// Where an object leaves this shape, or nil when it doesn't.
  func mismatch(of value: JSONValue, at path: String = "") -> String? {
    switch (self, value) {
    case (.scalar, .object), (.scalar, .array), (.scalar, .null):
      return "\(path) isn't a scalar"
    case (.scalar, _):
      return nil
    case (.list(let shape), .array(let items)):
      for item in items {
        if let found = shape.mismatch(of: item, at: path + "[]") { return found }
      }
      return nil
    case (.map(let shapes), .object(let members)):
      for (key, member) in members {
        guard let shape = shapes[key] else { return "\(path).\(key) isn't expected" }
        if let found = shape.mismatch(of: member, at: path + "." + key) { return found }
      }
      return nil
    case (.entries(let shape), .object(let members)):
      for (key, member) in members {
        if let found = shape.mismatch(of: member, at: path + "." + key) { return found }
      }
      return nil
    default:
      return "\(path) has another type"
    }
  }
}
