import Testing

/// A file holds one subject, a function fits a screen.
enum SizeRules {
  /// Lines of a file: what to keep to, and what is too much.
  static let wantedFileLength = 400
  static let maximumFileLength = 450
  /// Lines of a function in Sources, from its first to its last.
  static let maximumFunctionLength = 60

  static func length(of file: SourceFile) -> Int {
    file.raw.count - (file.raw.last?.isEmpty == true ? 1 : 0)
  }

  /// Functions that are too long, as "path:line: message".
  static func longFunctions(_ file: SourceFile) -> [String] {
    functions(in: file.code).filter { $0.count > maximumFunctionLength }
      .map { "\(file.path):\($0.lowerBound + 1): a function of \($0.count) lines" }
  }

  /// The lines of each function.
  private static func functions(in lines: [String]) -> [ClosedRange<Int>] {
    let attributes = /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:[a-z]+(?:\([a-z]+\))?\s+)*/
    let start = /^(?:func\s|init[?(<]|subscript\s*[(<])/
    return lines.indices.compactMap { first in
      let line = lines[first]
      guard line.mentions("func ", "init", "subscript") else { return nil }
      let modifiers = line.prefixMatch(of: attributes)?.output ?? ""
      // "func " itself looks like a modifier, so its own word is given back.
      let words = line.dropFirst(modifiers.count - (modifiers.hasSuffix("func ") ? 5 : 0))
      guard words.contains(start), let last = end(ofFunctionAt: first, in: lines) else {
        return nil
      }
      return first...last
    }
  }

  /// Formatted source makes this simple: a function ends at the first line with its own
  /// indentation that begins with a brace, unless something else begins there before.
  private static func end(ofFunctionAt first: Int, in lines: [String]) -> Int? {
    if lines[first].hasSuffix("}") { return first }
    let indentation = lines[first].prefix { $0 == " " }.count
    for index in lines.indices.dropFirst(first + 1) {
      let text = lines[index].drop { $0 == " " }
      guard !text.isEmpty, lines[index].count - text.count <= indentation else { continue }
      if text.hasPrefix("}") { return index }
      let goesOn = [")", "{", "where ", "->", "#"].contains { text.hasPrefix($0) }
      if !goesOn { return nil }
    }
    return nil
  }
}

struct SizeRulesTests {
  @Test func `no file is too long`() {
    let long = (SourceTree.sources + SourceTree.tests)
      .filter { SizeRules.length(of: $0) > SizeRules.wantedFileLength }
    for file in long {
      print("\(file.path): \(SizeRules.length(of: file)) lines, getting long")
    }

    let findings = long.filter { SizeRules.length(of: $0) > SizeRules.maximumFileLength }
      .map { "\($0.path): \(SizeRules.length(of: $0)) lines" }
    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test func `no function is too long`() {
    let findings = SourceTree.sources.flatMap(SizeRules.longFunctions)

    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test(arguments: [(57, 0), (58, 1)])
  func `a function is measured from its first line to its last`(body: Int, found: Int) {
    let lines = Array(repeating: "    let x = 1", count: body).joined(separator: "\n")
    let text = "struct A {\n  static func f(\n    a: Int) {\n\(lines)\n  }\n\n  func g() {}\n}\n"

    // Two lines of head and one of tail.
    let file = SourceFile(path: "Sources/Domain/A.swift", text: text)

    #expect(SizeRules.longFunctions(file).count == found)
  }
}
