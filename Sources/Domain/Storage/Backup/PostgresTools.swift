internal import CLibPQ
internal import Foundation
internal import Subprocess

#if canImport(Glibc)
internal import Glibc
#endif

/// PostgreSQL's own programs for backups (PostgreSQL documentation, "pg_dump"
/// and "pg_restore"). Where and as whom to connect goes to them in a file that
/// only its owner may read: arguments are seen by everybody on the machine.
struct PostgresTools: Sendable {
  let url: String

  func dump(to path: String) async throws {
    // pg_dump would make it for everybody to read, and leaves one that is there as it is.
    guard
      FileManager.default.createFile(
        atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    else {
      throw DatabaseBackup.Refusal(
        description: "The file \(path) can't be written. Check its folder.")
    }
    // Its own format is compressed, and can be looked into.
    try await run(
      "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", "--file=\(path)"])
  }

  func restore(from path: String, replacing: Bool) async throws {
    let clean = replacing ? ["--clean", "--if-exists"] : []
    try await run(
      "pg_restore",
      // All or nothing.
      ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"] + clean
        + ["--dbname=service=babyhelm", path], names: false)
  }

  private func run(_ program: String, _ arguments: [String], names: Bool = true) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let service = folder.appending(path: "service.conf")
    try Data(try serviceFile().utf8).write(to: service)
    let said: String
    do {
      let result = try await Subprocess.run(
        .name(program),
        arguments: Arguments(arguments + (names ? ["--dbname=service=babyhelm"] : [])),
        environment: .inherit.updating(["PGSERVICEFILE": service.path, "LC_ALL": "C"]),
        output: .string(limit: 64 << 10), error: .string(limit: 64 << 10))
      if result.terminationStatus.isSuccess { return }
      said = result.standardError
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw DatabaseBackup.Refusal(
        description: "\(program) is not installed. It comes with PostgreSQL's client programs "
          + "(Debian: postgresql-client).")
    }
    let lines = said.split(separator: "\n").prefix(3).joined(separator: " ")
    throw DatabaseBackup.Refusal(description: "\(program) failed: \(lines)")
  }

  /// The address as a connection service (PostgreSQL documentation, "The
  /// Connection Service File").
  private func serviceFile() throws -> String {
    var message: UnsafeMutablePointer<CChar>?
    let parsed = PQconninfoParse(url, &message)
    defer {
      PQconninfoFree(parsed)
      PQfreemem(message)
    }
    guard var option = parsed else {
      throw DatabaseBackup.Refusal(description: "The PostgreSQL URL can't be read.")
    }
    var lines = ["[babyhelm]"]
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        lines.append("\(String(cString: keyword))=\(String(cString: value))")
      }
      option += 1
    }
    guard lines.allSatisfy({ !$0.contains("\n") }) else {
      throw DatabaseBackup.Refusal(description: "The PostgreSQL URL holds a line break.")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
