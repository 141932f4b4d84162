import ArgumentParser
import Domain

/// `babyhelm migrate …`: the database's schema.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Look at the database's schema, or bring it up or down.",
    subcommands: [Status.self, Up.self, Down.self])

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the migrations and whether they are applied.")

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        try await openingDatabase(database.configuration()) { database in
          for step in try await MigrationChain.all.status(of: database) {
            let state = step.appliedAt.map { RelativeTime($0).full } ?? "not applied"
            Terminal.say("\(step.number)  \(step.name)  \(state)")
          }
          try await MigrationChain.all.check(database)
        }
      }
    }
  }

  struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Apply the migrations that are missing. `serve` does it too.")

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        try await openingDatabase(database.configuration()) { database in
          let done = try await MigrationChain.all.up(database)
          Terminal.say(summary("Applied", done))
        }
      }
    }
  }

  struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Undo migrations, and delete what is stored in their tables.")

    @Option(help: "The last migration to keep; 0 keeps none.")
    var to: Int

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        try await openingDatabase(database.configuration()) { database in
          let done = try await MigrationChain.all.down(database, to: to)
          Terminal.say(summary("Undone", done))
        }
      }
    }
  }
}

/// "Applied 1, 2."
private func summary(_ verb: String, _ numbers: [Int]) -> String {
  guard !numbers.isEmpty else { return "Nothing to do." }
  return "\(verb) \(numbers.map(String.init).joined(separator: ", "))."
}
