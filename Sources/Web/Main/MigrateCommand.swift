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
            Terminal.say("\(step.number)  \(step.name)  \(state)\(note(step))")
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

/// What an upgrade or a way back should know of a step.
private func note(_ step: MigrationChain.Step) -> String {
  if !step.isKnown {
    return step.suitsOlder
      ? "  (a newer program's; from \(step.oldestProgram) on programs can serve with it)"
      : "  (a newer program's)"
  }
  guard step.appliedAt == nil else { return "" }
  return step.suitsOlder
    ? "  (programs from \(step.oldestProgram) on go on serving)"
    : "  (stop older programs first)"
}

/// "Applied 1, 2."
private func summary(_ verb: String, _ numbers: [Int]) -> String {
  guard !numbers.isEmpty else { return "Nothing to do." }
  return "\(verb) \(numbers.map(String.init).joined(separator: ", "))."
}
