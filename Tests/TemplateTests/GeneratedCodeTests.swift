import Foundation
import Testing

@testable import TemplateCompiler

/// Compiles templates, then the Swift they became, and runs it.
@Suite(.enabled("swiftc is not on the PATH, so generated code can't be run") { swiftc() != nil })
struct GeneratedCodeTests {
  @Test(.timeLimit(.minutes(10)))
  func `templates show what their views hold`() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    try workshop.write(Samples.templates, below: "Resources/templates")
    try workshop.write(Samples.files, below: "Resources/static")

    let output = try workshop.run(program: Samples.program)

    #expect(output == Samples.output)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a wrong name or type is reported at its place in the template`() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    try workshop.write(
      [
        "badge.html.hbs": "{{@params label: String}}\n{{label}}",
        "page.html.hbs": """
        {{@view View}}
        <p>{{nmae}}</p> {{name}} {{project.naem}}
        <a href="{{name}}">x</a>{{{name}}}
        {{#if name}}x{{/if}}{{> badge label=count}}
        {{#each count as |x|}}{{x}}{{/each}}{{#with name as |x|}}{{/with}}
        a {{project}} {{ratio}}
        """,
      ], below: "Resources/templates")

    let mistakes = try workshop.compilerErrors(
      program: """
        struct Project { let name: String }
        struct View { let name: String; let project: Project; let count: Int; let ratio: Double }
        _ = Template.page(View(name: "", project: Project(name: ""), count: 1, ratio: 1))
        """)

    let places = mistakes.filter { $0.contains("page.html.hbs") }.compactMap { line in
      line.split(separator: "page.html.hbs:").last?.split(separator: ": ").first.map(String.init)
    }
    #expect(
      Set(places) == [
        "2:6", "2:36", "3:12", "3:28", "4:7", "4:37", "5:9", "5:45", "6:5", "6:17",
      ], "\(mistakes.joined(separator: "\n"))")
  }

  @Test func `a mistake in a template ends the compiler with its place`() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    try workshop.write(
      [
        "a.html.hbs": "{{@params}}\n{{#if", "b.txt": "x", ".hidden": "x",
        "c.yaml.hbs": "{{@params}}",
      ], below: "Resources/templates")

    let failure = #expect(throws: TemplateCompiler.Failure.self) { try workshop.generated() }

    let folder = workshop.folder.path + "/Resources/templates"
    #expect(
      failure?.message == """
        \(folder)/b.txt:1:1: error: the name of a template ends in .html.hbs, or .yaml.hbs in the \
        folder manifests
        \(folder)/c.yaml.hbs:1:1: error: the name of a template ends in .html.hbs, or .yaml.hbs in \
        the folder manifests
        """)
  }
}

private func swiftc() -> String? {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  let candidates = path.split(separator: ":").map { "\($0)/swiftc" }
  return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// A folder in which generated code is built as the package would build it.
private struct Workshop {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "templates-\(UUID().uuidString)")

  struct CompilerFailure: Error {
    let output: String
  }

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func remove() {
    try? FileManager.default.removeItem(at: folder)
  }

  func write(_ files: [String: String], below path: String) throws {
    for (name, text) in files {
      let file = folder.appending(path: path).appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  func generated(isPages: Bool = true) throws -> String {
    try TemplateCompiler.source(isPages: isPages, resources: folder.path + "/Resources")
  }

  /// Builds and runs `program` with pages and manifests, each in its own
  /// module as in the package, and returns what it prints.
  func run(program: String) throws -> String {
    let (code, output) = try build(program: program)
    guard code == 0 else { throw CompilerFailure(output: output) }
    return try execute(folder.appending(path: "program"), []).output
  }

  func compilerErrors(program: String) throws -> [String] {
    let output = try build(program: program).output
    return output.split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("/") && $0.contains(": error: ") }
  }

  private func build(program: String) throws -> (code: Int32, output: String) {
    try write(
      [
        "main.swift": program, "Pages.swift": try generated(),
        "Manifests.swift": try generated(isPages: false)
          .replacing("enum Template {", with: "enum ManifestTemplate {")
          .replacing("Template.Manifests", with: "ManifestTemplate.Manifests"),
      ], below: "")
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let sources = package.appending(path: "Sources/Templates").resolvingSymlinksInPath()
    let library = try FileManager.default.contentsOfDirectory(
      at: sources, includingPropertiesForKeys: nil
    ).map(\.path).filter { $0.hasSuffix(".swift") }
    let settings = [
      "-swift-version", "6", "-warnings-as-errors", "-diagnostic-style", "llvm",
      "-enable-upcoming-feature", "ExistentialAny",
      "-enable-upcoming-feature", "InternalImportsByDefault",
      "-enable-upcoming-feature", "MemberImportVisibility",
      "-enable-upcoming-feature", "NonisolatedNonsendingByDefault",
    ]
    let compiler = URL(filePath: try #require(swiftc()))
    let module = try execute(
      compiler,
      settings + [
        "-parse-as-library", "-wmo", "-module-name", "Templates", "-emit-module", "-emit-object",
        "-o", "Templates.o", "-emit-module-path", "Templates.swiftmodule",
      ] + library)
    guard module.code == 0 else { return module }
    return try execute(
      compiler,
      settings + [
        "-I", ".", "main.swift", "Pages.swift", "Manifests.swift", "Templates.o", "-o", "program",
      ])
  }

  private func execute(_ tool: URL, _ arguments: [String]) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = tool
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
