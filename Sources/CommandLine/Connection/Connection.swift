internal import Foundation

/// Which server, and as whom.
struct Connection: Equatable, Sendable {
  let server: ServerAddress
  let token: String
  /// A file of certificates to trust instead of the system's.
  let certificates: String?

  /// Decides from what the command line, the environment and `login` say, in
  /// this order.
  ///
  /// A stored token only goes to the server that it was stored for.
  static func choose(
    server: String?, environment: [String: String], logins: StoredLogins
  ) throws(ClientError) -> Connection {
    let address = try address(server, environment, logins)
    let login = logins.servers[address.description]
    // The environment's token is for the environment's server, where it names one.
    let own = try environment.value("BABYHELM_SERVER").map { text throws(ClientError) in
      try ServerAddress(text).description
    }
    let isOwn = own == nil || own == address.description
    guard let token = (isOwn ? environment.value("BABYHELM_TOKEN") : nil) ?? login?.token else {
      throw ClientError(
        .misused, "There is no token for \(address).",
        advice: "Log in with babyhelm login --server \(address), or set BABYHELM_TOKEN.")
    }
    return Connection(
      server: address, token: try checked(token),
      certificates: environment.value("BABYHELM_CA") ?? login?.certificates)
  }

  /// The server alone.
  static func address(
    _ server: String?, _ environment: [String: String], _ logins: StoredLogins
  ) throws(ClientError) -> ServerAddress {
    guard let text = server ?? environment.value("BABYHELM_SERVER") ?? logins.current else {
      throw ClientError(
        .misused, "No server is named.",
        advice: "Log in with babyhelm login --server ADDRESS, or set BABYHELM_SERVER.")
    }
    return try ServerAddress(text)
  }

  /// A token as it may stand in a header.
  static func checked(_ text: String) throws(ClientError) -> String {
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw ClientError(
        .misused, "That is no token.",
        advice: "Make one on your account's page and give it as one line.")
    }
    return token
  }
}

extension [String: String] {
  /// A variable that is set and not empty.
  func value(_ name: String) -> String? {
    guard let value = self[name], !value.isEmpty else { return nil }
    return value
  }
}
