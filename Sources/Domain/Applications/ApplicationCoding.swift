internal import Foundation

/// A specification as JSON text, as applications and releases store it.
enum ApplicationCoding {
  static func encode(_ spec: ApplicationSpec) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(spec), as: UTF8.self)
  }

  static func decode(_ text: String) throws -> ApplicationSpec {
    try JSONDecoder().decode(ApplicationSpec.self, from: Data(text.utf8))
  }
}
