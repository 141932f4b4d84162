import Domain
import Foundation

extension PrometheusSettings {
  /// - Returns: nil when no Prometheus is named.
  /// - Throws: ``StartupError`` for settings that can't be.
  init?(_ values: Values) throws {
    guard let address = values.text(.prometheusURL) else {
      let lonely = AppConfiguration.Key.allCases.first {
        $0.rawValue.hasPrefix("prometheus-") && values.text($0) != nil
      }
      if let lonely {
        throw StartupError("With --\(lonely.rawValue), also name Prometheus: --prometheus-url.")
      }
      return nil
    }
    self.init(
      address: try Self.checked(address), credentials: try Self.credentials(values),
      certificateAuthorities: try values.text(.prometheusAuthorities).map { path in
        try values.contents(of: path, .prometheusAuthorities)
      }, labels: try Self.labels(values))
  }

  private static func checked(_ address: String) throws -> String {
    guard let parts = URLComponents(string: address), let scheme = parts.scheme,
      ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
      parts.query == nil, parts.fragment == nil
    else {
      throw Values.mistake(
        .prometheusURL, address,
        "must be an http or https address, like http://prometheus.monitoring.svc:9090")
    }
    guard parts.user == nil, parts.password == nil else {
      // Not repeated: it would stand in a log.
      throw StartupError(
        "--prometheus-url may have no user or password in it. Give --prometheus-username and "
          + "--prometheus-password-file.")
    }
    guard !parts.path.contains("/api/v1") else {
      throw Values.mistake(
        .prometheusURL, address, "must be the address before /api/v1, which BabyHelm adds")
    }
    return address
  }

  private static func credentials(_ values: Values) throws -> Credentials {
    let token = values.text(.prometheusTokenFile)
    let user = values.text(.prometheusUsername)
    let password = values.text(.prometheusPasswordFile)
    switch (token, user, password) {
    case (nil, nil, nil): return .none
    case (let token?, nil, nil):
      _ = try values.contents(of: token, .prometheusTokenFile)
      return .tokenFile(token)
    case (nil, let user?, let password?):
      guard !user.contains(":") else {
        throw Values.mistake(.prometheusUsername, user, "can have no colon in it")
      }
      _ = try values.contents(of: password, .prometheusPasswordFile)
      return .basic(username: user, passwordFile: password)
    default:
      throw StartupError(
        "Prometheus takes either --prometheus-token-file, or --prometheus-username with "
          + "--prometheus-password-file.")
    }
  }

  private static func labels(_ values: Values) throws -> PrometheusLabels {
    guard let text = values.text(.prometheusLabels) else { return PrometheusLabels() }
    do {
      return try PrometheusLabels(parsing: text)
    } catch {
      throw StartupError("--prometheus-labels \(text) can't be: \(error.sentence)")
    }
  }
}

extension Values {
  /// The text of a file that must be there, with something in it.
  func contents(of path: String, _ key: AppConfiguration.Key) throws -> String {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8), !FormBody.trimmed(text).isEmpty
    else {
      throw StartupError("The file \(path) of --\(key.rawValue) can't be read, or is empty.")
    }
    return text
  }
}
