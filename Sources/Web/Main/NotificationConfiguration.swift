import Domain
import Foundation

extension MailServer {
  /// - Returns: nil when no server is named.
  /// - Throws: ``StartupError`` for settings that can't be.
  init?(_ values: Values) throws {
    guard let text = values.text(.smtpURL) else {
      let lonely = [AppConfiguration.Key.smtpPasswordFile, .smtpFrom, .smtpAuthorities].first {
        values.text($0) != nil
      }
      if let lonely {
        throw StartupError("With --\(lonely.rawValue), also name the mail server: --smtp-url.")
      }
      return nil
    }
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      let scheme = parts.scheme, ["smtp", "smtps"].contains(scheme), parts.password == nil,
      ["", "/"].contains(parts.path), parts.fragment == nil
    else {
      throw Values.mistake(
        .smtpURL, Self.masked(text),
        "must be like smtp://user@mail.example.net:587 or smtps://…, without a password")
    }
    let security = try Self.security(parts, host: host, text)
    guard let sender = values.text(.smtpFrom) else {
      throw StartupError("With --smtp-url, also say who mails are from: --smtp-from.")
    }
    let (name, address) = Self.mailbox(sender)
    if let mistake = MailServer.mistake(inSender: address) {
      throw Values.mistake(
        .smtpFrom, sender, "must be an address, like “BabyHelm <babyhelm@example.net>”. \(mistake)")
    }
    let password = try values.text(.smtpPasswordFile).map {
      FormBody.trimmed(try Self.text(of: $0, .smtpPasswordFile))
    }
    if parts.user == nil, password != nil {
      throw StartupError("With --smtp-password-file, --smtp-url names the user: smtp://user@….")
    }
    if parts.user != nil, password?.isEmpty ?? true {
      throw StartupError(
        "--smtp-url names a user, so also name a file with the password: --smtp-password-file.")
    }
    self.init(
      host: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")),
      port: parts.port ?? (security == .implicit ? 465 : 587), security: security,
      user: parts.user, password: password, sender: address, senderName: name,
      authorities: try values.text(.smtpAuthorities).map {
        try Self.text(of: $0, .smtpAuthorities)
      })
  }

  private static func security(
    _ parts: URLComponents, host: String, _ text: String
  ) throws -> Security {
    let options = parts.queryItems ?? []
    let isOpen = options == [URLQueryItem(name: "tls", value: "none")]
    guard options.isEmpty || isOpen, !(isOpen && parts.scheme == "smtps") else {
      throw Values.mistake(.smtpURL, masked(text), "knows no option but ?tls=none with smtp://")
    }
    if parts.scheme == "smtps" { return .implicit }
    return isOpen ? .none : .startTLS
  }

  /// "BabyHelm <a@b.example>" or the address alone.
  private static func mailbox(_ text: String) -> (name: String, address: String) {
    guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
      return ("BabyHelm", FormBody.trimmed(text))
    }
    let address = text[text.index(after: open)...].dropLast()
    return (FormBody.trimmed(String(text[..<open])), FormBody.trimmed(String(address)))
  }

  private static func masked(_ text: String) -> String {
    text.replacing(#/:\/\/([^\/:@]*):[^\/]*@/#) { "://\($0.output.1):********@" }
  }

  private static func text(of path: String, _ key: AppConfiguration.Key) throws -> String {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw StartupError("The file \(path) of --\(key.rawValue) can't be read.") }
    return text
  }
}

extension Values {
  /// Networks with commas between.
  func networks(_ key: AppConfiguration.Key) throws -> [IPNetwork] {
    try (text(key) ?? "").split(separator: ",").map { item in
      let text = FormBody.trimmed(String(item))
      guard let network = IPNetwork(text) else {
        throw Self.mistake(key, text, "must be a list of networks like 10.0.0.0/8,fd00::/8")
      }
      return network
    }
  }
}
