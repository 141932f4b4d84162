import ArgumentParser
import Foundation

/// `babyhelm config`: what the server would run with, and who said so.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Print the settings that flags, environment and file add up to, secrets masked.",
    discussion: "Takes the flags of `serve`, and fails as it would. Settings that nobody named "
      + "are left out: `serve --help` has their defaults.")

  @OptionGroup var server: ServerFlags
  @OptionGroup var database: DatabaseFlags

  @Flag(help: "Print JSON that --config takes; what was masked is left out.")
  var json = false

  func run() async throws {
    try await reportingErrors {
      _ = try database.configuration(adding: server.values)
      let settings = try GivenSetting.all(
        flags: database.values.merging(server.values) { _, new in new },
        environment: ProcessInfo.processInfo.environment, file: database.config)
      Terminal.say(json ? try Self.object(settings) : Self.lines(settings))
    }
  }

  private static func lines(_ settings: [GivenSetting]) -> String {
    if settings.isEmpty { return "Nothing is set: all defaults." }
    let width = settings.map(\.key.rawValue.count).max() ?? 0
    return settings.map { setting in
      let name = setting.key.rawValue.padding(toLength: width, withPad: " ", startingAt: 0)
      return "\(name)  \(setting.shown)  (\(setting.source))"
    }.joined(separator: "\n")
  }

  private static func object(_ settings: [GivenSetting]) throws -> String {
    let open = settings.filter { $0.shown == $0.value }.map { ($0.key.rawValue, $0.value) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(Dictionary(uniqueKeysWithValues: open))
    return String(decoding: data, as: UTF8.self)
  }
}

/// A setting that somebody named, and where.
struct GivenSetting: Equatable {
  let key: AppConfiguration.Key
  let value: String
  /// "--port", "BABYHELM_PORT" or the file's path.
  let source: String

  /// The value as it may be seen: a whole secret, or the password in an
  /// address, is replaced by stars.
  var shown: String {
    let name = key.rawValue
    if ["secret", "password", "token"].contains(where: name.hasSuffix) { return "********" }
    return value.replacing(#/:\/\/([^\/:@]*):[^\/]*@/#) { "://\($0.output.1):********@" }
      .replacing(#/([?&](?:ssl)?password=)[^&]*/#) { "\($0.output.1)********" }
  }

  /// What flags say, then the environment, then the file, by the settings' names.
  ///
  /// - Throws: ``StartupError`` as ``AppConfiguration`` does.
  static func all(
    flags: [AppConfiguration.Key: String], environment: [String: String], file: String?
  ) throws -> [GivenSetting] {
    let entries = try file.map(AppConfiguration.entries) ?? [:]
    return AppConfiguration.Key.allCases.compactMap { key in
      let variable = environment[key.variable].flatMap {
        AppConfiguration.isServiceLink(key.variable, $0) ? nil : $0
      }
      if let value = flags[key] {
        return GivenSetting(key: key, value: value, source: "--\(key.rawValue)")
      }
      if let variable {
        return GivenSetting(key: key, value: variable, source: key.variable)
      }
      return entries[key].map { GivenSetting(key: key, value: $0, source: file ?? "") }
    }.sorted { $0.key.rawValue < $1.key.rawValue }
  }
}
