internal import Foundation

/// What `--file` names: a file, standard input, or a folder with a file an application.
struct SpecificationSource: Sendable {
  /// In the order of their files' names.
  let documents: [SpecificationDocument]
  /// The folder, where it is one.
  let folder: URL?

  private static let sizeLimit = 4 << 20

  /// - Throws: ``ClientError`` about the first file that can't be used.
  static func read(_ path: String, project: String?) throws(ClientError) -> SpecificationSource {
    if path == "-" {
      let documents = try SpecificationDocument.read(
        try text(Console.standardInput(), of: "Standard input"), from: "Standard input",
        project: project)
      return SpecificationSource(documents: documents, folder: nil)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ClientError(.misused, "There is no file \(path).")
    }
    guard isFolder.boolValue else {
      return SpecificationSource(documents: try read(file: path, project), folder: nil)
    }
    return try read(folder: path, project)
  }

  private static func read(
    folder path: String, _ project: String?
  ) throws(ClientError) -> SpecificationSource {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let files = names.filter { name in
      !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }
    guard !files.isEmpty else {
      throw ClientError(.misused, "\(path) has no file that ends in .yaml or .yml.")
    }
    var documents: [SpecificationDocument] = []
    for file in files.sorted() {
      let path = URL(filePath: path).appending(path: file).relativePath
      documents += try read(file: path, project)
    }
    try checkDistinct(documents)
    return SpecificationSource(documents: documents, folder: URL(filePath: path))
  }

  private static func read(
    file path: String, _ project: String?
  ) throws(ClientError) -> [SpecificationDocument] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ClientError(.misused, "\(path) can't be read.")
    }
    let documents = try SpecificationDocument.read(
      try text(data, of: path), from: path, project: project)
    try checkDistinct(documents)
    return documents
  }

  private static func text(_ data: Data, of origin: String) throws(ClientError) -> String {
    guard data.count <= sizeLimit, let text = String(validating: data, as: UTF8.self) else {
      throw ClientError(.misused, "\(origin) is no text, or too long.")
    }
    return text
  }

  private static func checkDistinct(_ documents: [SpecificationDocument]) throws(ClientError) {
    var origins: [ApplicationName: String] = [:]
    for document in documents {
      if let first = origins.updateValue(document.origin, forKey: document.name) {
        throw ClientError(
          .misused, "\(document.name) is there twice, in \(first) and \(document.origin).",
          advice: "Remove one of them.")
      }
    }
  }
}
