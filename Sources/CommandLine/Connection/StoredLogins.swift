internal import Foundation

#if canImport(Glibc)
internal import Glibc
#endif

/// What `babyhelm login` keeps: a token a server. Each goes to its own server
/// and to no other.
struct StoredLogins: Codable, Equatable {
  struct Login: Codable, Equatable {
    var token: String
    /// The file of the certificates that sign the server's, where the system's don't.
    var certificates: String?
  }

  /// The server that commands talk to when nothing names one.
  var current: String?
  var servers: [String: Login] = [:]

  /// `$XDG_CONFIG_HOME/babyhelm/config.json`, below `~/.config` where that isn't set.
  static func file(_ environment: [String: String]) -> URL {
    let home = URL(filePath: environment["HOME"] ?? NSHomeDirectory())
    let base = environment["XDG_CONFIG_HOME"].flatMap { path in
      // The XDG Base Directory Specification: a relative path is ignored.
      path.hasPrefix("/") ? URL(filePath: path) : nil
    }
    return (base ?? home.appending(path: ".config")).appending(path: "babyhelm/config.json")
  }

  /// Reads the file; nothing is stored where there is none.
  static func read(_ file: URL) throws(ClientError) -> StoredLogins {
    guard let data = FileManager.default.contents(atPath: file.path) else { return .init() }
    do {
      return try JSONDecoder().decode(StoredLogins.self, from: data)
    } catch {
      throw ClientError(
        .misused, "\(file.path) isn't as babyhelm login writes it.",
        advice: "Remove it and log in again.")
    }
  }

  /// Replaces the file at once; nobody but its owner may read it.
  func write(_ file: URL) throws(ClientError) {
    let folder = file.deletingLastPathComponent()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let draft = folder.appending(path: ".config-\(UUID().uuidString).json")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw CocoaError(.fileWriteNoPermission) }
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try handle.write(contentsOf: try encoder.encode(self) + [0x0a])
      try handle.close()
      guard rename(draft.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    } catch {
      unlink(draft.path)
      throw ClientError(
        .misused, "\(file.path) can't be written.",
        advice: "Make its folder writable, or set BABYHELM_SERVER and BABYHELM_TOKEN instead.")
    }
  }

  /// Whether others on this machine may read the file.
  static func isShared(_ file: URL) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    guard let mode = attributes?[.posixPermissions] as? Int else { return false }
    return mode & 0o077 != 0
  }
}
