import Domain
import Foundation

extension OpenIDSettings {
  /// - Returns: nil when no issuer is named.
  /// - Throws: ``StartupError`` for settings that can't be.
  init?(_ values: Values) throws {
    guard let issuer = values.text(.openIDIssuer) else {
      let lonely = AppConfiguration.Key.allCases.first {
        $0.rawValue.hasPrefix("oidc-") && values.text($0) != nil
      }
      if let lonely {
        throw StartupError("With --\(lonely.rawValue), also name the provider: --oidc-issuer.")
      }
      return nil
    }
    guard let parts = URLComponents(string: issuer), let host = parts.host, !host.isEmpty,
      parts.query == nil, parts.fragment == nil,
      parts.scheme == "https" || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
    else {
      throw Values.mistake(
        .openIDIssuer, issuer, "must be an https address, like https://id.example.net")
    }
    guard let clientID = values.text(.openIDClientID) else {
      throw StartupError("With --oidc-issuer, also say what it calls BabyHelm: --oidc-client-id.")
    }
    self.init(
      issuer: issuer, clientID: clientID,
      clientSecret: try values.text(.openIDClientSecretFile).map(Self.secret)
        ?? values.text(.openIDClientSecret),
      name: values.text(.openIDName) ?? "single sign-on",
      groupsClaim: values.text(.openIDGroupsClaim) ?? "groups", roles: try Self.roles(values),
      trustsEmail: try values.flag(.openIDTrustsEmail) ?? false,
      certificateAuthorities: try values.text(.openIDAuthorities).map { path in
        try Self.text(of: path, .openIDAuthorities)
      })
  }

  private static func secret(in path: String) throws -> String {
    let secret = FormBody.trimmed(try text(of: path, .openIDClientSecretFile))
    guard !secret.isEmpty else { throw StartupError("The file \(path) has no secret in it.") }
    return secret
  }

  private static func text(of path: String, _ key: AppConfiguration.Key) throws -> String {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw StartupError("The file \(path) of --\(key.rawValue) can't be read.") }
    return text
  }

  private static func roles(_ values: Values) throws -> [String: PlatformRole] {
    var roles: [String: PlatformRole] = [:]
    for pair in (values.text(.openIDRoles) ?? "").split(separator: ",") {
      // A group's name may have `=` in it, as in LDAP; a role has none.
      guard let sign = pair.lastIndex(of: "="),
        let role = PlatformRole(
          rawValue: FormBody.trimmed(String(pair[pair.index(after: sign)...])))
      else {
        throw Values.mistake(
          .openIDRoles, String(pair),
          "must be groups with roles (visitor, member, admin), like helm-admins=admin,*=member")
      }
      roles[FormBody.trimmed(String(pair[..<sign]))] = role
    }
    return roles
  }
}
