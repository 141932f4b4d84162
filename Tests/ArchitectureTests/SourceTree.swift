import Foundation

/// The package this test is part of.
enum SourceTree {
  /// The package root, found from this file.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// All Swift files below Sources.
  static let sources = files(below: "Sources", endings: ["swift"]).map(SourceFile.init)

  /// All Swift files below Tests, except this target's: they quote what they forbid.
  static let tests = files(below: "Tests", endings: ["swift"])
    .map(SourceFile.init).filter { !$0.path.hasPrefix("Tests/ArchitectureTests/") }

  /// Files below a folder of the package, whose path ends in one of `endings`, as path and text.
  static func files(below folder: String, endings: [String]) -> [(path: String, text: String)] {
    let top = root.appending(path: folder).resolvingSymlinksInPath()
    let found = FileManager.default.enumerator(at: top, includingPropertiesForKeys: nil)
    let urls = (found?.allObjects ?? []).compactMap { $0 as? URL }
    return
      urls
      .filter { url in endings.contains { url.lastPathComponent.hasSuffix(".\($0)") } }
      .compactMap { url in
        // A file that another process is just replacing is left out.
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        let below = url.resolvingSymlinksInPath().path.dropFirst(top.path.count)
        return (path: folder + below, text: text)
      }
      .sorted { $0.path < $1.path }
  }
}

extension String {
  /// Whether one of the words is in the text. Much faster than a regular expression, so rules ask
  /// this first.
  func mentions(_ words: String...) -> Bool {
    words.contains { range(of: $0, options: .literal) != nil }
  }
}

extension Regex {
  /// With `\b` as in other languages. Swift's own follows Unicode, where `A.b` is one word.
  var plainWords: Self { wordBoundaryKind(.simple) }
}

/// One Swift file and its lines, in three depths.
struct SourceFile {
  /// From the package root: "Sources/Domain/Identifier.swift".
  let path: String
  /// The lines as they are.
  let raw: [String]
  /// The lines without comments.
  let uncommented: [String]
  /// The lines without comments and without what string literals say.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    raw = Self.lines(text)
    var blanking = Blanking()
    let blanked = blanking.apply(text)
    uncommented = Self.lines(blanked.uncommented)
    code = Self.lines(blanked.code)
  }

  /// "Domain" for "Sources/Domain/Accounts/User.swift".
  var module: String { component(1) }

  /// "Accounts" for "Sources/Domain/Accounts/User.swift"; "" for a file in the module itself.
  var folder: String { path.split(separator: "/").count > 3 ? component(2) : "" }

  /// The names of the imported modules, with their line numbers from 1.
  var imports: [(line: Int, module: String)] {
    code.enumerated().filter { $0.element.mentions("import ") }.compactMap { index, line in
      Self.importedModule(line).map { (index + 1, $0) }
    }
  }

  /// Where a line of `lines` matches, as "path:line: message".
  func findings(
    in lines: [String], _ message: String, where matches: (String) -> Bool
  ) -> [String] {
    lines.enumerated().filter { matches($0.element) }
      .map { "\(path):\($0.offset + 1): \(message)" }
  }

  /// Whether a line or one of the three before it says why what it does is safe.
  func isProven(_ index: Int) -> Bool {
    let proof = /\/\/.*\b(safe|proven|proof|can't|cannot|never|always)\b/.plainWords.ignoresCase()
    return raw[max(0, index - 3)...index].contains { $0.contains(proof) }
  }

  private func component(_ index: Int) -> String {
    let parts = path.split(separator: "/")
    return parts.indices.contains(index) ? String(parts[index]) : ""
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static func importedModule(_ line: String) -> String? {
    let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    let kinds: Set<Substring> = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
    ]
    var words = line.split(separator: " ").drop { $0.hasPrefix("@") || access.contains($0) }
    guard words.popFirst() == "import" else { return nil }
    if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
    return words.first?.split(separator: ".").first.map(String.init)
  }
}
