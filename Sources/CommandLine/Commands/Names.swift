internal import ArgumentParser
internal import Foundation

/// An application, as `PROJECT/APPLICATION`.
struct ApplicationName: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
  let project: String
  let application: String

  init(project: String, application: String) {
    self.project = project
    self.application = application
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy(ProjectName.isName) else { return nil }
    self.init(project: parts[0], application: parts[1])
  }

  var description: String { "\(project)/\(application)" }

  /// Below `/api/v1`.
  var path: String { "/projects/\(project)/applications/\(application)" }

  static var defaultCompletionKind: CompletionKind {
    .custom { _, _, prefix in await Completions.applications(beginning: prefix) }
  }
}

/// A project's name.
struct ProjectName: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
  let description: String

  init?(argument: String) {
    guard Self.isName(argument) else { return nil }
    description = argument
  }

  var path: String { "/projects/\(description)" }

  /// A DNS label, as Kubernetes wants it of names.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 63 && !text.hasPrefix("-") && !text.hasSuffix("-")
      && text.utf8.allSatisfy { byte in
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
      }
  }

  static var defaultCompletionKind: CompletionKind {
    .custom { _, _, prefix in await Completions.projects(beginning: prefix) }
  }
}

/// A project or an application of it.
struct ScopeName: ExpressibleByArgument, Hashable, Sendable {
  let project: String
  let application: String?

  init?(argument: String) {
    if let name = ApplicationName(argument: argument) {
      (project, application) = (name.project, name.application)
    } else if let name = ProjectName(argument: argument) {
      (project, application) = (name.description, nil)
    } else {
      return nil
    }
  }

  static var defaultCompletionKind: CompletionKind { ApplicationName.defaultCompletionKind }
}

/// `10m`, `90s`, `1h`, or seconds; at most a day.
struct Patience: ExpressibleByArgument, Hashable, Sendable {
  let duration: Duration

  init?(argument: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    let unit = argument.last.flatMap { units[$0] }
    let digits = unit == nil ? argument[...] : argument.dropLast()
    let day = 86_400
    guard let number = Int(digits), (1...day).contains(number),
      number * (unit ?? 1) <= day
    else { return nil }
    duration = .seconds(number * (unit ?? 1))
  }

  init(_ duration: Duration) { self.duration = duration }

  var defaultValueDescription: String { "10m" }
}

/// `KEY=VALUE`; the value may hold more of these signs.
struct Setting: ExpressibleByArgument, Hashable, Sendable {
  let name: String
  let value: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    (name, value) = (String(parts[0]), String(parts[1]))
  }
}

/// What a shell offers when somebody presses the tabulator key.
enum Completions {
  static func projects(beginning prefix: String) async -> [String] {
    await names("/projects").filter { $0.hasPrefix(prefix) }
  }

  static func applications(beginning prefix: String) async -> [String] {
    guard let slash = prefix.firstIndex(of: "/") else {
      return await projects(beginning: prefix).map { "\($0)/" }
    }
    let project = String(prefix[..<slash])
    guard ProjectName.isName(project) else { return [] }
    return await names("/projects/\(project)/applications").map { "\(project)/\($0)" }
      .filter { $0.hasPrefix(prefix) }
  }

  /// Nothing when the server can't be asked: a shell has no place for an error.
  private static func names(_ path: String) async -> [String] {
    let environment = ProcessInfo.processInfo.environment
    guard let logins = try? StoredLogins.read(StoredLogins.file(environment)),
      let connection = try? Connection.choose(
        server: nil, environment: environment, logins: logins)
    else { return [] }
    let items = try? await Client.with(connection) { try await $0.list(path) }
    return (items ?? []).compactMap { $0["name"]?.string }
  }
}
