import Foundation

/// Turns templates into Swift. Run by the build plugin `CompileTemplates`.
///
///     TemplateCompiler manifests|pages RESOURCES OUTPUT LAST-RUN
///
/// `manifests` are the templates in `RESOURCES/templates/manifests`; `pages` are
/// all the others, the files in `RESOURCES/static`, and the catalogues in
/// `RESOURCES/texts`. `TemplateCompiler untranslated RESOURCES` lists the texts
/// that a catalogue lacks instead. Mistakes are written to
/// standard error, one a line, as `path:line:column: error: message`; then it
/// exits with 1 and writes nothing. An output that needn't change keeps its date;
/// `LAST-RUN` gets a new one always, so that the build system runs this again.
@main
struct TemplateCompiler {
  struct Failure: Error {
    let message: String
  }

  static func main() throws {
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if arguments.first == "untranslated", arguments.count == 2 {
        return print(try untranslated(resources: arguments[1]).joined(separator: "\n"))
      }
      guard arguments.count == 4, ["manifests", "pages"].contains(arguments[0]) else {
        throw Failure(message: "usage: TemplateCompiler manifests|pages RESOURCES OUTPUT LAST-RUN")
      }
      try Data("\(Date.now.timeIntervalSince1970)".utf8).write(
        to: URL(fileURLWithPath: arguments[3]))
      let swift = try source(isPages: arguments[0] == "pages", resources: arguments[1])
      let bytes = Data(swift.utf8)
      guard FileManager.default.contents(atPath: arguments[2]) != bytes else { return }
      try bytes.write(to: URL(fileURLWithPath: arguments[2]))
    } catch let failure as Failure {
      FileHandle.standardError.write(Data((failure.message + "\n").utf8))
      exit(1)
    }
  }

  /// The texts of pages that no catalogue has, as `template: text`.
  static func untranslated(resources: String) throws -> [String] {
    let set = TemplateSet(
      try sources(isPages: true, resources: resources),
      translations: try translations(in: resources + "/texts/ru"))
    return set.untranslated
  }

  /// The templates of one target.
  private static func sources(isPages: Bool, resources: String) throws -> [SourceText] {
    let root = resources + "/templates"
    var problems: [String] = []
    var sources: [SourceText] = []
    for name in files(in: root) where name.hasPrefix("manifests/") != isPages {
      let bytes = try read(root + "/" + name)
      if String(validating: bytes, as: UTF8.self) == nil {
        problems.append("\(root)/\(name):1:1: error: a template must be UTF-8 text")
      } else if let source = SourceText(relativePath: name, root: root, bytes: bytes),
        (source.format == .html) == isPages
      {
        sources.append(source)
      } else {
        problems.append(
          "\(root)/\(name):1:1: error: the name of a template ends in .html.hbs, or .yaml.hbs "
            + "in the folder manifests")
      }
    }
    guard problems.isEmpty else { throw Failure(message: problems.joined(separator: "\n")) }
    return sources
  }

  /// The Swift source for the templates of one target.
  static func source(isPages: Bool, resources: String) throws -> String {
    let sources = try sources(isPages: isPages, resources: resources)
    var assets: StaticFiles?
    if isPages {
      let folder = resources + "/static"
      assets = StaticFiles(
        try files(in: folder).map { .init(name: $0, bytes: try read(folder + "/" + $0)) })
    }
    let translations = isPages ? try translations(in: resources + "/texts/ru") : .empty
    return try compile(sources, assets: assets, translations: translations)
  }

  /// The catalogues in a folder.
  static func translations(in folder: String) throws -> Translations {
    let names = files(in: folder).filter { $0.hasSuffix(".json") }
    return Translations(
      language: "russian",
      files: try names.map { name in
        let path = folder + "/" + name
        do {
          let texts = try JSONDecoder().decode([String: String].self, from: Data(try read(path)))
          return (String(name.dropLast(".json".count)), texts)
        } catch let error as DecodingError {
          throw Failure(
            message: "\(path):1:1: error: must be one JSON object of strings: \(error)")
        }
      })
  }

  /// The Swift source for `sources`. Throws a ``Failure`` with all mistakes.
  static func compile(
    _ sources: [SourceText], assets: StaticFiles?, translations: Translations = .empty
  ) throws -> String {
    let set = TemplateSet(sources, translations: translations)
    guard set.diagnostics.isEmpty else {
      throw Failure(message: set.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return SwiftGenerator.source(for: set, assets: assets)
  }

  /// The files below `folder`, by their path in it. Hidden ones and what
  /// editors leave (`name~`) are left out.
  private static func files(in folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: folder + "/" + name, isDirectory: &isFolder)
      let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
      return exists && !isFolder.boolValue && !isHidden && !name.hasSuffix("~")
    }.sorted()
  }

  private static func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(message: "\(path):1:1: error: can't read this file")
    }
    return [UInt8](data)
  }
}
