import ArgumentParser
import Domain
import Foundation
import Logging

/// `babyhelm keys …`: the keys that session tokens are signed with.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "List or renew the keys that session tokens are signed with.",
    subcommands: [List.self, Rotate.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the keys, without their secrets.")

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        try await openingDatabase(database.configuration()) { database in
          try await MigrationChain.all.check(database)
          let keys = try await KeysCommand.accounts(database).signingKeys()
          if keys.isEmpty { Terminal.say("There is no key yet; the server makes one at start.") }
          for key in keys {
            let state = key.verifiesUntil.map { "verifies until \(KeysCommand.day($0))" } ?? "signs"
            Terminal.say("\(key.id)  made \(KeysCommand.day(key.createdAt))  \(state)")
          }
        }
      }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new key sign. Nobody is logged out.",
      discussion: "Servers that run take the new key within a minute. The old one verifies until "
        + "its last token has run out, and is removed then.")

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        try await openingDatabase(database.configuration()) { database in
          try await MigrationChain.all.check(database)
          let accounts = KeysCommand.accounts(database)
          try await accounts.rotateSigningKey()
          let id = try await accounts.signingKeys().first?.id ?? ""
          Terminal.say("The key \(id) signs from now on; nobody was logged out.")
        }
      }
    }
  }

  private static func accounts(_ database: any Database) -> Accounts {
    var logger = Logger(label: "babyhelm")
    logger.logLevel = .warning
    return Accounts(
      database: database, rules: AccountRules(firstUserBecomesAdmin: false),
      hasher: PasswordHasher(parallel: 1), logger: logger)
  }

  private static func day(_ date: Date) -> String {
    date.formatted(.iso8601.year().month().day())
  }
}
