import ArgumentParser
import Domain
import Logging

/// `babyhelm user …`: people, from the server itself.
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Manage people.", subcommands: [Create.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an account.",
      discussion: "Asks for the password, or reads it from standard input; never an argument, "
        + "which other people on the machine could see.")

    @Option(help: "The e-mail address to log in with.")
    var email: String

    @Option(help: "The name others see.")
    var name: String

    @Flag(help: "Make an admin; the same as --role admin.")
    var admin = false

    @Option(help: "visitor, member or admin (default: member).")
    var role: String?

    @Flag(name: .customLong("password-stdin"), help: "Read the password from standard input.")
    var passwordFromStandardInput = false

    @OptionGroup var database: DatabaseFlags

    func run() async throws {
      try await reportingErrors {
        let role = try chosenRole()
        try await openingDatabase(database.configuration()) { database in
          try await MigrationChain.all.up(database)
          let password =
            passwordFromStandardInput
            ? try Terminal.lineFromStandardInput() : try Terminal.askForNewPassword()
          let accounts = Accounts(
            database: database, rules: AccountRules(firstUserBecomesAdmin: false),
            hasher: PasswordHasher(parallel: 1), logger: Logger(label: "babyhelm"))
          let user = try await accounts.createUser(
            email: email, name: name, password: password, role: role)
          Terminal.say("Made \(user.email) (\(user.role.rawValue)).")
        }
      }
    }

    private func chosenRole() throws -> PlatformRole {
      guard let role else { return admin ? .admin : .member }
      guard let chosen = PlatformRole(rawValue: role) else {
        throw StartupError("--role must be visitor, member or admin, not “\(role)”.")
      }
      guard !admin || chosen == .admin else {
        throw StartupError("--admin and --role \(role) contradict each other.")
      }
      return chosen
    }
  }
}
