internal import Foundation

/// One application as a file describes it; docs/specification.md has the keys.
struct SpecificationDocument: Equatable, Sendable {
  /// The keys in the order in which a person expects them.
  static let keys = [
    "name", "project", "image", "ports", "command", "arguments", "replicas", "autoscaling",
    "resources", "environment", "secrets", "healthCheck", "update", "files", "volumes",
    "exposure", "pullSecret", "userID",
  ]

  let name: ApplicationName
  /// What goes to the server: the file without `project` and `podSecurity`.
  let specification: JSON
  /// The file, for messages.
  let origin: String

  /// Reads the documents of one file.
  ///
  /// - Parameter project: instead of the file's own.
  static func read(
    _ text: String, from origin: String, project: String?
  ) throws(ClientError) -> [SpecificationDocument] {
    let documents = try YAMLText.read(text, from: origin).filter { $0 != .null }
    guard !documents.isEmpty else {
      throw ClientError(.misused, "\(origin) has no specification.")
    }
    var read: [SpecificationDocument] = []
    for document in documents {
      read.append(try SpecificationDocument(document, from: origin, project: project))
    }
    return read
  }

  private init(name: ApplicationName, specification: JSON, origin: String) {
    self.name = name
    self.specification = specification
    self.origin = origin
  }

  private init(_ document: JSON, from origin: String, project: String?) throws(ClientError) {
    guard var members = document.object else {
      throw ClientError(
        .misused, "\(origin) isn't a mapping of keys like name and image.",
        advice: "docs/specification.md has all of them.")
    }
    guard let name = members["name"]?.string, ProjectName.isName(name) else {
      throw ClientError(
        .misused, "\(origin) has no name, or one that isn't a lowercase DNS label.",
        advice: "Write, for example, name: web.")
    }
    guard members["secretValues"] == nil else {
      throw ClientError(
        .misused, "\(origin) holds secret values, which don't belong in a file.",
        advice: "Set each with babyhelm secrets set and take them out.")
    }
    guard let project = project ?? members["project"]?.string, ProjectName.isName(project) else {
      throw ClientError(
        .misused, "\(origin) names no project.",
        advice: "Write project: NAME into it, or use --project NAME.")
    }
    members["project"] = nil
    // A project's own setting, which only `babyhelm render` takes from a file.
    members["podSecurity"] = nil
    self.name = ApplicationName(project: project, application: name)
    specification = .object(members)
    self.origin = origin
  }

  /// With what a file can't say, as the application has it now: secret values
  /// and the registry's login, of which the server tells names alone, and
  /// whether a failed release goes back by itself.
  func keeping(_ current: JSON) -> SpecificationDocument {
    var members = specification.object ?? [:]
    for key in Self.unwritten where members[key] == nil {
      members[key] = current[key] == .null ? nil : current[key]
    }
    return SpecificationDocument(name: name, specification: .object(members), origin: origin)
  }

  private static let unwritten = ["secretValues", "registryLogin", "undoesFailures"]

  /// The file for what the server says an application is.
  ///
  /// - Parameter server: where editors find the schema.
  static func text(
    of specification: JSON, named name: ApplicationName, from server: ServerAddress
  ) throws -> String {
    var members = specification.object ?? [:]
    members["name"] = .string(name.application)
    members["project"] = .string(name.project)
    for key in unwritten { members[key] = nil }
    return "# yaml-language-server: $schema=\(server)/schema/application.json\n"
      + (try YAMLText.write(.object(members.filter { !$0.value.isEmpty }), order: keys))
  }
}

extension JSON {
  /// Whether it says nothing: null, or an empty list or object.
  fileprivate var isEmpty: Bool {
    switch self {
    case .null: true
    case .array(let items): items.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }
}
