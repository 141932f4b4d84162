internal import Foundation

/// What a folder deployed, kept in the folder: only these applications does
/// `--prune` ever delete.
struct LockFile: Codable, Equatable, Sendable {
  static let name = ".babyhelm-lock.json"

  let server: String
  let project: String
  /// Names, in order.
  var applications: [String]

  /// Reads a folder's; nil where it has none.
  ///
  /// - Throws: ``ClientError`` when it is about another server or project: then
  ///   nothing of it says anything about this one.
  static func read(
    _ folder: URL, server: String, project: String
  ) throws(ClientError) -> LockFile? {
    let file = folder.appending(path: name)
    guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
    guard let lock = try? JSONDecoder().decode(LockFile.self, from: data) else {
      throw ClientError(
        .misused, "\(file.relativePath) isn't as babyhelm writes it.",
        advice: "Restore or remove it; nothing is pruned without it.")
    }
    guard lock.server == server, lock.project == project else {
      throw ClientError(
        .misused,
        "\(file.relativePath) is about \(lock.project) on \(lock.server), not \(project) on \(server).",
        advice: "Use a folder for each, or remove the file; nothing is pruned without it.")
    }
    return lock
  }

  func write(_ folder: URL) throws(ClientError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = folder.appending(path: Self.name)
    do {
      try (try encoder.encode(self) + [0x0a]).write(to: file, options: .atomic)
    } catch {
      throw ClientError(
        .failed, "All is deployed, but \(file.relativePath) can't be written.",
        advice: "Make the folder writable and deploy again, or a later --prune won't know of this.")
    }
  }

  /// What to delete: what this folder deployed before, has no file for any
  /// more, and is still there.
  func leftovers(wanted: Set<String>, existing: Set<String>) -> [String] {
    applications.filter { !wanted.contains($0) && existing.contains($0) }.sorted()
  }
}
