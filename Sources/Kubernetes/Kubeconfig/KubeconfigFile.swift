import Foundation

/// One kubeconfig file, as it is written.
struct KubeconfigFile {
  let path: String
  let currentContext: String?
  let contexts: [Entry]
  let clusters: [Entry]
  let users: [Entry]

  /// A named entry, and the file that it is in.
  struct Entry {
    let name: String
    let value: KubeconfigFields
  }

  /// Reads a file; `nil` when it doesn't exist.
  ///
  /// - Throws: ``KubeconfigError`` for a file that can't be read, isn't YAML, or
  ///   has values of the wrong type where names are.
  init?(path: String) throws(KubeconfigError) {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch CocoaError.fileReadNoSuchFile {
      return nil
    } catch CocoaError.fileReadNoPermission {
      throw .unreadableFile(path: path, why: "permission denied")
    } catch CocoaError.fileReadInapplicableStringEncoding, CocoaError.fileReadCorruptFile {
      throw .unreadableFile(path: path, why: "it isn't UTF-8")
    } catch {
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      if !exists { return nil }
      throw .unreadableFile(
        path: path, why: isDirectory.boolValue ? "it is a folder" : "reading failed")
    }
    try self.init(text: text, path: path)
  }

  /// Reads a file's text; relative file names in it start from `path`'s folder.
  init(text: String, path: String) throws(KubeconfigError) {
    let json: JSONValue
    do {
      json = try JSONValue(yaml: text)
    } catch {
      throw .notYAML(path: path, error)
    }
    // An empty file is an empty kubeconfig, as for kubectl.
    let fields = try KubeconfigFields(json.isNull ? [:] : json, field: "", path: path)
    self.path = path
    let current = try fields.string("current-context")
    currentContext = current == "" ? nil : current
    contexts = try Self.entries("contexts", "context", of: fields)
    clusters = try Self.entries("clusters", "cluster", of: fields)
    users = try Self.entries("users", "user", of: fields)
  }

  private static func entries(
    _ key: String, _ inner: String, of fields: KubeconfigFields
  ) throws(KubeconfigError) -> [Entry] {
    var entries: [Entry] = []
    for entry in try fields.objects(key) {
      guard let name = try entry.string("name") else {
        throw .wrongType(
          path: fields.path, field: "\(entry.field).name", expected: "a name")
      }
      guard let value = try entry.object(inner) else {
        throw .wrongType(
          path: fields.path, field: "\(entry.field).\(inner)", expected: "a mapping")
      }
      entries.append(Entry(name: name, value: value))
    }
    return entries
  }
}

/// One mapping of a kubeconfig, and where it is.
struct KubeconfigFields {
  private let members: [String: JSONValue]
  /// Where in the file, as in `users[0].user`; empty for the whole.
  let field: String
  let path: String

  init(_ json: JSONValue, field: String, path: String) throws(KubeconfigError) {
    guard case .object(let members) = json else {
      throw .wrongType(
        path: path, field: field.isEmpty ? "the whole" : field, expected: "a mapping")
    }
    self.members = members
    self.field = field
    self.path = path
  }

  private func name(_ key: String) -> String { field.isEmpty ? key : "\(field).\(key)" }

  private func present(_ key: String) -> JSONValue? {
    guard let value = members[key], !value.isNull else { return nil }
    return value
  }

  /// A string; `nil` when it is missing. Numbers count, as names may look like
  /// them.
  func string(_ key: String) throws(KubeconfigError) -> String? {
    guard let value = present(key) else { return nil }
    if let number = value.int { return String(number) }
    guard let text = value.string else {
      throw .wrongType(path: path, field: name(key), expected: "a string")
    }
    return text
  }

  /// A string that isn't empty.
  func text(_ key: String) throws(KubeconfigError) -> String? {
    let text = try string(key)
    return text == "" ? nil : text
  }

  func bool(_ key: String) throws(KubeconfigError) -> Bool {
    guard let value = present(key) else { return false }
    guard let flag = value.bool else {
      throw .wrongType(path: path, field: name(key), expected: "true or false")
    }
    return flag
  }

  func strings(_ key: String) throws(KubeconfigError) -> [String] {
    guard let value = present(key) else { return [] }
    guard let list = value.array else {
      throw .wrongType(path: path, field: name(key), expected: "a list")
    }
    var strings: [String] = []
    for (index, element) in list.enumerated() {
      guard let text = element.string ?? element.int.map(String.init) else {
        throw .wrongType(path: path, field: "\(name(key))[\(index)]", expected: "a string")
      }
      strings.append(text)
    }
    return strings
  }

  func object(_ key: String) throws(KubeconfigError) -> KubeconfigFields? {
    guard let value = present(key) else { return nil }
    return try KubeconfigFields(value, field: name(key), path: path)
  }

  func objects(_ key: String) throws(KubeconfigError) -> [KubeconfigFields] {
    guard let value = present(key) else { return [] }
    guard let list = value.array else {
      throw .wrongType(path: path, field: name(key), expected: "a list")
    }
    var objects: [KubeconfigFields] = []
    for (index, element) in list.enumerated() {
      objects.append(
        try KubeconfigFields(element, field: "\(name(key))[\(index)]", path: path))
    }
    return objects
  }

  /// The bytes of `key-data` (base64), else those of the file that `key` names,
  /// as text.
  func material(_ key: String, of entry: String) throws(KubeconfigError) -> String? {
    if let data = try text("\(key)-data") {
      let compact = data.filter { !$0.isWhitespace }
      guard let bytes = Data(base64Encoded: compact) else {
        throw .badBase64(entry: entry, field: "\(key)-data", path: path)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    guard let file = try self.file(key) else { return nil }
    do {
      return try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      throw .unreadableReference(entry: entry, field: key, file: file, path: path)
    }
  }

  /// The file that `key` names; relative names start from the kubeconfig's
  /// folder.
  func file(_ key: String) throws(KubeconfigError) -> String? {
    guard let file = try text(key) else { return nil }
    if file.hasPrefix("/") { return file }
    let folder = URL(filePath: path).deletingLastPathComponent()
    return folder.appending(path: file).standardizedFileURL.path(percentEncoded: false)
  }
}
