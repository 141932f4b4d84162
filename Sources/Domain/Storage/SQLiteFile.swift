import Foundation

/// Makes the file of a SQLite database, readable by its owner only, before
/// SQLite would make it with the process's default permissions. SQLite gives
/// its `-wal` and `-shm` files the same ones.
enum SQLiteFile {
  /// Makes the folder (0700) and the file (0600) when missing; one that
  /// exists keeps its permissions.
  ///
  /// - Throws: ``StorageError/unavailable(_:)`` with a sentence.
  static func prepare(_ path: String) throws(StorageError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .unavailable("The database has no path. Write sqlite:///path/to/babyhelm.db.")
    }
    let file = URL(fileURLWithPath: path).standardizedFileURL
    try makeFolder(file.deletingLastPathComponent())
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: file.path, isDirectory: &isDirectory),
      isDirectory.boolValue
    {
      throw .unavailable("The database path \(path) is a folder. Name a file in it.")
    }
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable(
        "The database file \(path) can't be opened for writing: \(reason(errno)). "
          + "Check its permissions, or choose another path.")
    }
    close(descriptor)
    // SQLite also writes files beside it.
    let folder = file.deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw .unavailable(
        "The folder \(folder) of the database can't be written: \(reason(errno)). "
          + "Check its permissions, or choose another path.")
    }
  }

  private static func makeFolder(_ folder: URL) throws(StorageError) {
    if FileManager.default.fileExists(atPath: folder.path) { return }
    let parent = folder.deletingLastPathComponent()
    if parent.path != folder.path { try makeFolder(parent) }
    // Another process may make it at the same moment; then it exists.
    guard mkdir(folder.path, 0o700) == 0 || errno == EEXIST else {
      throw .unavailable(
        "The folder \(folder.path) for the database can't be made: \(reason(errno)). "
          + "Make it, or choose another path.")
    }
  }

  private static func reason(_ code: Int32) -> String {
    String(cString: strerror(code))
  }
}
