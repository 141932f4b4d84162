import ArgumentParser
import Domain
import Foundation
import Logging

/// `babyhelm backup FILE`
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the database to a file, while servers run.",
    discussion: "SQLite is copied by SQLite itself, PostgreSQL by pg_dump. The file holds "
      + "everything, signing keys too: keep it like a password.")

  @Argument(help: "The new file.", completion: .file())
  var file: String

  @OptionGroup var database: DatabaseFlags

  func run() async throws {
    try await reportingErrors {
      let url = try DatabaseURL(database.configuration().databaseURL)
      try await DatabaseBackup(of: url, logger: Self.logger).write(to: file)
      let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
      Terminal.say("The database is in \(file) (\(size.formatted(.byteCount(style: .memory)))).")
    }
  }

  static var logger: Logger {
    var logger = Logger(label: "babyhelm")
    logger.logLevel = .warning
    return logger
  }
}

/// `babyhelm restore FILE`
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup in the database's place. Stop the servers first.",
    discussion: "A backup of an older version is brought up to date at the next start. A SQLite "
      + "file that is replaced is kept beside the new one; a PostgreSQL database is replaced all "
      + "at once or not at all.")

  @Argument(help: "What `backup` wrote.", completion: .file())
  var file: String

  @Flag(help: "Replace what the database holds.")
  var replace = false

  @OptionGroup var database: DatabaseFlags

  func run() async throws {
    try await reportingErrors {
      let url = try DatabaseURL(database.configuration().databaseURL)
      let former = try await DatabaseBackup(of: url, logger: BackupCommand.logger)
        .restore(from: file, replacing: replace)
      Terminal.say("The database is as it was in \(file).")
      if let former { Terminal.say("What was there is kept in \(former).") }
    }
  }
}

/// `babyhelm migrate-data --to URL`
struct MoveDataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate-data",
    abstract: "Copy everything to an empty database of the other kind, and compare.",
    discussion: "Stop the servers first. Each table's rows and a checksum of their contents are "
      + "compared afterwards; when anything differs, the target is left empty.")

  @Option(help: "The empty database: postgres://USER@HOST/NAME or sqlite:PATH.")
  var to: String

  @OptionGroup var database: DatabaseFlags

  func run() async throws {
    try await reportingErrors {
      let configuration = try database.configuration()
      guard to != configuration.databaseURL else {
        throw StartupError("--to names the database itself. Name an empty one.")
      }
      var target = configuration
      target.databaseURL = to
      let other = target
      try await openingDatabase(configuration) { source in
        try await openingDatabase(other) { target in
          let copied = try await DatabaseMove(from: source, to: target).run { table in
            Terminal.say("\(table.rows)  \(table.table)")
          }
          let rows = copied.reduce(0) { $0 + $1.rows }
          Terminal.say(
            "\(rows) rows of \(copied.count) tables were copied, and both databases hold the same.")
        }
      }
    }
  }
}
