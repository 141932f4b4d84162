internal import ArgumentParser
internal import Foundation

/// `babyhelm login`
struct LoginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login",
    abstract: "Store a server's address and a token for the other commands.",
    discussion: """
      Make the token on your account's page. It is asked for without being shown, or read from \
      standard input; never an argument, which other people on the machine could see. It is kept \
      in $XDG_CONFIG_HOME/babyhelm/config.json, which only you may read. Where nothing should be \
      stored, as in CI, set BABYHELM_SERVER and BABYHELM_TOKEN instead.
      """)

  @Option(
    help: ArgumentHelp(
      "A file of certificates to trust instead of the system's (BABYHELM_CA).", valueName: "file"),
    completion: .file())
  var ca: String?

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.reporting {
      let environment = ProcessInfo.processInfo.environment
      let file = StoredLogins.file(environment)
      var logins = try StoredLogins.read(file)
      let server = try Connection.address(options.server, environment, logins)
      let certificates = try authority() ?? logins.servers[server.description]?.certificates
      let console = options.console
      if !server.isEncrypted, !server.isLocal {
        console.complain("\(server) isn't encrypted: whoever is on the way can read the token.")
      }
      let connection = Connection(
        server: server, token: try token(console), certificates: certificates)
      let me = try await Client.with(connection) { try await $0.get("/me").body }
      logins.current = server.description
      logins.servers[server.description] = .init(
        token: connection.token, certificates: certificates)
      try logins.write(file)
      if options.json {
        console.result(me)
      } else {
        console.say("Logged in to \(server) as \(WhoamiCommand.words(me)).")
      }
    }
  }

  private func token(_ console: Console) throws(ClientError) -> String {
    let text =
      console.canAsk
      ? console.askHidden("Token: ")
      : String(decoding: Console.standardInput(), as: UTF8.self)
    guard !text.allSatisfy(\.isWhitespace) else {
      throw ClientError(
        .misused, "Standard input has no token.",
        advice: "Make one on your account's page and give it as one line.")
    }
    return try Connection.checked(text)
  }

  /// The whole path, since later commands run elsewhere.
  private func authority() throws(ClientError) -> String? {
    guard let path = ca ?? ProcessInfo.processInfo.environment.value("BABYHELM_CA") else {
      return nil
    }
    let whole = URL(filePath: path).standardizedFileURL.path
    guard FileManager.default.isReadableFile(atPath: whole) else {
      throw ClientError(.misused, "\(path) can't be read.")
    }
    return whole
  }
}

/// `babyhelm logout`
struct LogoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout",
    abstract: "Forget the token of a server.",
    discussion: "The token itself stays good until it ends or is revoked on your account's page.")

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.reporting {
      let environment = ProcessInfo.processInfo.environment
      let file = StoredLogins.file(environment)
      var logins = try StoredLogins.read(file)
      let server = try Connection.address(options.server, environment, logins).description
      guard logins.servers.removeValue(forKey: server) != nil else {
        throw ClientError(.misused, "No token is stored for \(server).")
      }
      if logins.current == server { logins.current = logins.servers.keys.min() }
      try logins.write(file)
      options.console.say(
        "Forgot the token for \(server). It stays good until you revoke it on your account's page.")
    }
  }
}

/// `babyhelm whoami`
struct WhoamiCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: "Say as whom commands act, and on which server.")

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.perform { client, console in
      let me = try await client.get("/me").body
      if options.json {
        console.result(me)
      } else {
        console.result("\(Self.words(me)) on \(client.connection.server)")
      }
    }
  }

  /// "Ada <ada@example.com> (admin)"
  static func words(_ me: JSON) -> String {
    let email = me["email"]?.words ?? ""
    let name = me["name"]?.words ?? ""
    let role = me["role"]?.words ?? ""
    return
      ([name, email.isEmpty ? "" : "<\(email)>", role.isEmpty ? "" : "(\(role))"]
      .filter { !$0.isEmpty }.joined(separator: " ")).onOneLine
  }
}
