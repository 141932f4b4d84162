import Testing

/// What source never does, or only with a reason beside it.
enum SafetyRules {
  /// Findings of what is forbidden, however well explained.
  static func forbidden(_ file: SourceFile) -> [String] {
    file.findings(in: file.raw, "finish it or leave it out") { line in
      line.mentions("TODO", "FIXME", "XXX", "HACK")
        && line.contains(/\b(TODO|FIXME|XXX|HACK)\b/.plainWords)
    }
      + file.findings(in: file.uncommented, "no shell is ever started") { line in
        line.mentions("/bin") && line.contains(/\/bin\/(ba|da|z)?sh\b|\/usr\/bin\/env\b/)
      }
      + file.findings(in: file.code, "no shell is ever started") { line in
        line.mentions("system(", "popen(", "exec", "posix_spawn")
          && line.contains(/(^|[^\w.])(system|popen|execvp?|posix_spawnp?)\(/)
      }
  }

  /// Findings of what needs a comment that proves it safe, on the line or just above.
  static func unproven(_ file: SourceFile) -> [String] {
    let patterns: [(Regex<Substring>, String)] = [
      (/\btry!/, "try!"), (/\bas!/, "as!"), (/\bfatalError\(/, "fatalError"),
      (/\bpreconditionFailure\(/, "preconditionFailure"), (/@unchecked\s/, "@unchecked"),
      (/nonisolated\(unsafe\)/, "nonisolated(unsafe)"), (/\bunsafeBitCast\(/, "unsafeBitCast"),
      (/[\w)\]>"]!(?:[^=]|$)/, "a forced value"),
    ]
    return file.code.enumerated().flatMap { index, line -> [String] in
      guard line.mentions("!", "atal", "ailure(", "@unchecked", "unsafe") else { return [] }
      guard let found = patterns.first(where: { line.contains($0.0.plainWords) }) else { return [] }
      guard !file.isProven(index) else { return [] }
      return ["\(file.path):\(index + 1): \(found.1) without a comment that proves it safe"]
    }
  }
}

struct SafetyRulesTests {
  @Test func `nothing is left unfinished and no shell is started`() {
    let findings = SourceTree.sources.flatMap(SafetyRules.forbidden)

    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test func `whatever could crash says why it can't`() {
    let findings = SourceTree.sources.flatMap(SafetyRules.unproven)

    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test(arguments: [
    "// TODO: later", #"let path = "/bin/sh""#, "system(command)", "  popen(command, mode)",
  ])
  func `a forbidden line is found`(line: String) {
    #expect(SafetyRules.forbidden(sample(line)).count == 1)
  }

  @Test(arguments: [
    "try! open()", "values.first!.name", #"text["name"]!"#, "let name: String!", "x as! Y",
    #"fatalError("no")"#, "Swift.fatalError()", "final class A: @unchecked Sendable {}",
    "nonisolated(unsafe) var a = 1",
    #"let a = "it is \(values.first!)""#,
  ])
  func `an unproven line is found, and a proven one is not`(line: String) {
    #expect(SafetyRules.unproven(sample(line)).count == 1)
    #expect(SafetyRules.unproven(sample("// Safe: made two lines above.\n\(line)")).isEmpty)
  }

  @Test(arguments: [
    "if a != b { }", "if a! != b { } // Safe: checked above", "return !isDone", #"say("Done!")"#,
    "/// Never try! this", "logger.system(text)", "/* fatalError() /* try! */ x! */ let a = 1",
    "let a = \"\"\"\n  Stop! \"quoted!\" fatalError(\n  \"\"\"", ##"let a = #"raw \ " try! "#"##,
    #"let setupCode = "XXXX-XXXX""#,
  ])
  func `a harmless line is not found`(text: String) {
    #expect(SafetyRules.unproven(sample(text)).isEmpty)
    #expect(SafetyRules.forbidden(sample(text)).isEmpty)
  }

  private func sample(_ text: String) -> SourceFile {
    SourceFile(path: "Sources/Domain/Sample.swift", text: text)
  }
}
