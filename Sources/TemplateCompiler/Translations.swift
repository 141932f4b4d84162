import Foundation
import Templates

/// The texts of one language: `Resources/texts/<code>/*.json`, each an object
/// from English to the translation.
///
/// A template's text is looked up in the file that is named like its folder
/// (`projects.json`), then in `common.json`, then in the others by name. What the
/// program says itself is looked up in `program-….json` first.
struct Translations {
  /// The name of the language in Swift, a case of `Language`.
  let language: String
  private let files: [(name: String, texts: [String: String])]

  static let empty = Translations(language: "russian", files: [])

  /// - Parameter files: name without ending, and content.
  init(language: String, files: [(name: String, texts: [String: String])]) {
    self.language = language
    self.files =
      files.filter { $0.name == "common" }
      + files.filter { $0.name != "common" }.sorted { $0.name < $1.name }
  }

  /// The translation of a template's text.
  func text(_ key: String, in folder: String) -> MessagePattern? {
    let own = files.first { $0.name == folder }?.texts[key]
    return (own ?? merged[key]).map { MessagePattern($0) }
  }

  /// Everything in one table; what two files hold is as the first says.
  var merged: [String: String] {
    var result: [String: String] = [:]
    for file in files { result.merge(file.texts) { first, _ in first } }
    return result
  }

  /// What the program takes along for its own sentences: all of `program-….json`,
  /// and of the others what has no values, since a pattern made for one place on
  /// a page would fit sentences that it isn't meant for.
  var sentences: [String: String] {
    let own = files.filter { $0.name.hasPrefix("program-") }.flatMap(\.texts)
    let others = merged.filter { MessagePattern($0.key).names.isEmpty }
    return Dictionary(own, uniquingKeysWith: { first, _ in first }).merging(others) { own, _ in own
    }
  }

  /// The declaration of the table that the program takes along.
  var swiftSource: [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A dictionary of strings can always be written as JSON.
    let json = (try? encoder.encode(sentences)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    return [
      "", "enum Texts {", "  static let \(language) = \(SwiftNames.literal(json))", "}",
    ]
  }
}
