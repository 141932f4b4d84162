import ArgumentParser
import Domain

/// `babyhelm audit …`: the audit log, from the server itself.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Check the audit log, or write it to a file.",
    subcommands: [Verify.self, Export.self])

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that no row of the audit log was changed or removed.",
      discussion: "Ends with 1 and names the first row that isn't as it was written. It can't "
        + "notice that somebody wrote the whole log anew: keep exports elsewhere.")

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        try await openingDatabase(database.configuration()) { database in
          try await MigrationChain.all.check(database)
          switch try await AuditLog(database: database).verify() {
          case .whole(let rows):
            Terminal.say("All \(rows) rows of the audit log are as they were written.")
          case .broken(_, let because):
            throw StartupError(
              "\(because) Compare with an export or a backup from before to see what was there.")
          }
        }
      }
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the audit log to standard output, the oldest row first.")

    @Option(help: "csv or jsonl (default: csv).")
    var format = "csv"

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        guard let format = AuditExport(rawValue: format) else {
          throw StartupError("--format must be csv or jsonl, not “\(format)”.")
        }
        try await openingDatabase(database.configuration()) { database in
          try await MigrationChain.all.check(database)
          Terminal.write(format.header)
          try await AuditLog(database: database).export(as: .commandLine) { events in
            Terminal.write(events.map(format.line).joined())
          }
        }
      }
    }
  }
}
