import ArgumentParser
import Domain
import Foundation

/// Where dashboards are.
struct GrafanaFlags: ParsableArguments {
  @Option(
    name: .customLong("grafana-url"),
    help: "Where people reach Grafana, like https://grafana.example.net.")
  var url: String?

  @Option(
    name: .customLong("grafana-auth"),
    help: "How it learns who looks: jwt, anonymous or link (default: link).")
  var auth: String?

  @Option(name: .customLong("grafana-org"), help: "The number of its organization to look at.")
  var organization: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.grafanaURL] = url
    values[.grafanaAuth] = auth
    values[.grafanaOrganization] = organization
    return values
  }
}

extension GrafanaSettings {
  /// - Parameter publicOrigin: where people reach BabyHelm.
  /// - Returns: nil when no Grafana is named.
  /// - Throws: ``StartupError`` for settings that can't be.
  init?(_ values: Values, publicOrigin: String?) throws {
    guard let text = values.text(.grafanaURL) else {
      let lonely = [AppConfiguration.Key.grafanaAuth, .grafanaOrganization].first {
        values.text($0) != nil
      }
      if let lonely {
        throw StartupError("With --\(lonely.rawValue), also say where it is: --grafana-url.")
      }
      return nil
    }
    let url = try Self.address(text)
    let signIn =
      try values.choice(.grafanaAuth, SignIn.allCases.map(\.rawValue))
      .flatMap(SignIn.init(rawValue:)) ?? .link
    self.init(
      address: url.text, signIn: signIn,
      organization: try values.number(.grafanaOrganization, in: 1...1_000_000_000),
      issuer: publicOrigin ?? "")
    guard signIn != .link else { return }
    if origin == publicOrigin {
      throw StartupError(
        "With --grafana-auth \(signIn.rawValue), Grafana needs a host name or a port of its own: "
          + "at BabyHelm's own address, a dashboard could act as whoever looks at it.")
    }
    guard signIn == .jwt else { return }
    if publicOrigin == nil {
      throw StartupError(
        "With --grafana-auth jwt, also say the address people use, which Grafana compares: "
          + "--public-url https://….")
    }
    if !url.isPrivate {
      throw StartupError(
        "With --grafana-auth jwt, --grafana-url must be https: the token in the address signs "
          + "people in.")
    }
  }

  /// The address in the form that links need, and whether nobody on the way
  /// reads along.
  private static func address(_ text: String) throws -> (text: String, isPrivate: Bool) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty,
      parts.query == nil, parts.fragment == nil, parts.user == nil, parts.password == nil,
      // What would end a source or a rule of a Content Security Policy.
      !text.contains(where: { ";, '\"".contains($0) || !$0.isASCII })
    else {
      throw Values.mistake(
        .grafanaURL, text, "must be an address, like https://grafana.example.net")
    }
    let isDefault = parts.port == (scheme == "https" ? 443 : 80)
    let port = isDefault ? "" : parts.port.map { ":\($0)" } ?? ""
    var path = parts.percentEncodedPath
    while path.hasSuffix("/") { path.removeLast() }
    let isLocal = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
    return ("\(scheme)://\(host)\(port)\(path)", scheme == "https" || isLocal)
  }
}
