import ArgumentParser
import Domain
import Foundation

/// Where alerts come from, and how long they are kept. The token comes from a
/// file or is made on a page: flags are seen by everybody on the machine.
struct AlertFlags: ParsableArguments {
  @Option(
    name: .customLong("alertmanager-token-file"),
    help: "A file with the token that Alertmanager sends to /hooks/alertmanager.")
  var tokenFile: String?

  @Option(
    name: .customLong("alertmanager-url"),
    help: "Alertmanager, to tell it of silences, like http://alertmanager.monitoring.svc:9093.")
  var alertmanager: String?

  @Option(
    name: .customLong("alert-rules"),
    help: "A folder of Prometheus' alert rules to ask where no Alertmanager sends.")
  var rules: String?

  @Option(
    name: .customLong("alert-retention"),
    help: "How many days alerts that are over are kept (default: 30).")
  var retention: String?

  @Option(
    name: .customLong("alert-interval"),
    help: "How often BabyHelm looks for alerts itself, in seconds (default: 60).")
  var interval: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.alertmanagerTokenFile] = tokenFile
    values[.alertmanagerURL] = alertmanager
    values[.alertRules] = rules
    values[.alertRetention] = retention
    values[.alertInterval] = interval
    return values
  }
}

extension AlertConfiguration {
  /// - Throws: ``StartupError`` for settings that can't be.
  init(_ values: Values) throws {
    self.init(
      token: try values.text(.alertmanagerTokenFile).map(Self.token),
      alertmanager: try values.text(.alertmanagerURL).map(Self.url),
      rules: try values.text(.alertRules).map(Self.rules) ?? AlertRules(),
      daysKept: try values.number(.alertRetention, in: 1...365) ?? 30,
      interval: Double(try values.number(.alertInterval, in: 1...3_600) ?? 60))
  }

  private static func token(in path: String) throws -> String {
    let token = FormBody.trimmed(try text(of: path, .alertmanagerTokenFile))
    guard (16...300).contains(token.utf8.count) else {
      throw StartupError("The token in \(path) must have 16 to 300 characters.")
    }
    return token
  }

  private static func url(_ text: String) throws -> URL {
    guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
      let host = url.host(), !host.isEmpty, url.user() == nil, url.query() == nil
    else {
      throw Values.mistake(
        .alertmanagerURL, text, "must be an address like http://alertmanager.monitoring.svc:9093")
    }
    return url
  }

  /// All files of a folder that end as rule files do, by name.
  private static func rules(in folder: String) throws -> AlertRules {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw StartupError("The folder \(folder) of --alert-rules can't be read.")
    }
    let files = names.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
    do {
      return try AlertRules(
        files.map { ($0, try text(of: "\(folder)/\($0)", .alertRules)) })
    } catch let mistake as AlertRules.Mistake {
      throw StartupError(mistake.sentence)
    }
  }

  private static func text(of path: String, _ key: AppConfiguration.Key) throws -> String {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 4 << 20,
      let text = String(data: data, encoding: .utf8)
    else { throw StartupError("The file \(path) of --\(key.rawValue) can't be read.") }
    return text
  }
}
