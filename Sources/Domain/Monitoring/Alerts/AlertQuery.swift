public import struct Foundation.Date

/// Which alerts to show. What is nil or empty limits nothing.
public struct AlertQuery: Sendable, Hashable {
  /// Where in a list a page begins.
  public struct Cursor: Sendable, Hashable {
    public let startedAt: Date
    public let id: String

    public init(startedAt: Date, id: String) {
      self.startedAt = startedAt
      self.id = id
    }

    public init(_ alert: Alert) { self.init(startedAt: alert.startedAt, id: alert.id.rawValue) }

    /// As it stands in an address: milliseconds and the id.
    public init?(_ text: String) {
      let parts = text.split(separator: ".", maxSplits: 1)
      // `abs` of the least number there is would end the program.
      guard parts.count == 2, let time = Int64(parts[0]), time.magnitude < 1 << 52,
        parts[1].utf8.count <= 40
      else { return nil }
      self.init(
        startedAt: Date(timeIntervalSince1970: Double(time) / 1000), id: String(parts[1]))
    }

    public var text: String {
      "\(Int64((startedAt.timeIntervalSince1970 * 1000).rounded())).\(id)"
    }
  }

  /// true for those that fire, false for those that are over.
  public var isFiring: Bool?
  public var severity: Alert.Severity?
  /// An application's whole name.
  public var application: String
  /// A rule's whole name.
  public var name: String
  /// For admins: a project's whole name.
  public var project: String
  /// For admins: only what is no project's.
  public var isOfPlatform: Bool
  var source: Alert.Source?

  public init(
    isFiring: Bool? = nil, severity: Alert.Severity? = nil, application: String = "",
    name: String = "", project: String = "", isOfPlatform: Bool = false
  ) {
    self.isFiring = isFiring
    self.severity = severity
    self.application = application
    self.name = name
    self.project = project
    self.isOfPlatform = isOfPlatform
  }

  init(isFiring: Bool, source: Alert.Source) {
    self.init(isFiring: isFiring)
    self.source = source
  }

  /// Conditions that begin with `AND`.
  var filter: SQL {
    var filter: SQL = ""
    if let isFiring {
      filter = isFiring ? " AND a.state = 'firing'" : " AND a.state <> 'firing'"
    }
    if let severity { filter = "\(sql: filter) AND a.severity = \(severity)" }
    if !application.isEmpty { filter = "\(sql: filter) AND a.application = \(application)" }
    if !name.isEmpty { filter = "\(sql: filter) AND a.name = \(name)" }
    if !project.isEmpty { filter = "\(sql: filter) AND p.name = \(project)" }
    if let source { filter = "\(sql: filter) AND a.source = \(source)" }
    if isOfPlatform { filter = "\(sql: filter) AND a.project_id IS NULL" }
    return filter
  }
}
