internal import Foundation

/// Which release came before something that went wrong.
extension Releases {
  /// The release of an application that was made shortly before a time; nil
  /// when none was within ``PrecedingRelease/window``.
  func preceding(
    _ time: Date, of application: Application.ID, in connection: any Connection
  ) throws -> PrecedingRelease? {
    // What Prometheus measured and what BabyHelm noted come from two clocks.
    let latest = time.addingTimeInterval(5)
    let recent = try store.history(of: application, before: .max, limit: 20, in: connection)
    guard let summary = recent.first(where: { $0.createdAt <= latest }),
      time.timeIntervalSince(summary.createdAt) <= PrecedingRelease.window
    else { return nil }
    let previous = try store.newestSucceeded(
      of: application, before: summary.number, in: connection)
    let old = recent.first { $0.number < summary.number }?.number
    let specs = try [old, summary.number].map { number in
      try number.flatMap { try store.release($0, of: application, in: connection) }?.spec
    }
    let change =
      if let new = specs[1] { SpecificationChange.words(from: specs[0], to: new) } else { "" }
    return PrecedingRelease(
      number: summary.number, createdAt: summary.createdAt, change: change, previous: previous)
  }

  /// The applications whose newest release failed after a time, with its
  /// number, why, and when.
  func failedNewest(
    since time: Date, in connection: any Connection
  ) throws -> [FailedRelease] {
    try store.failedNewest(since: time, in: connection)
  }
}

/// A newest release that failed.
struct FailedRelease: Sendable, Hashable {
  let application: Application.ID
  let number: Int
  let outcome: String
  let finishedAt: Date
}

extension ReleaseStore {
  fileprivate func failedNewest(
    since time: Date, in connection: any Connection
  ) throws -> [FailedRelease] {
    try connection.query(
      """
      SELECT r.application_id, r.number, r.outcome, r.finished_at
      FROM applications a JOIN releases r ON r.application_id = a.id
        AND r.number = a.release_number
      WHERE a.deleted_at IS NULL AND r.state = 'failed' AND r.finished_at >= \(time)
      """
    ).map { row in
      FailedRelease(
        application: try row.get("application_id"), number: try row.get("number"),
        outcome: try row.get("outcome", as: String?.self) ?? "",
        finishedAt: try row.get("finished_at"))
    }
  }
}

/// What one specification has other than another, in a few words.
enum SpecificationChange {
  /// "image 1.3 → 1.4", "environment and memory"; "the first release" without
  /// an old one.
  static func words(from old: ApplicationSpec?, to new: ApplicationSpec) -> String {
    guard let old else { return "the first release, \(short(new.image.text))" }
    var changes: [String] = []
    if old.image != new.image { changes.append(images(old.image, new.image)) }
    let rest: [(String, Bool)] = [
      ("command", old.command != new.command || old.arguments != new.arguments),
      ("environment", old.environment != new.environment),
      ("secrets", old.secrets != new.secrets || old.secretValues != new.secretValues),
      ("files", old.files != new.files), ("volumes", old.volumes != new.volumes),
      ("CPU", cpu(old) != cpu(new)), ("memory", memory(old) != memory(new)),
      ("replicas", old.scaling != new.scaling), ("ports", old.ports != new.ports),
      ("health check", old.healthCheck != new.healthCheck),
      ("addresses", old.exposure != new.exposure),
      ("update settings", old.update != new.update),
      ("user id", old.userID != new.userID),
    ]
    changes += rest.filter(\.1).map(\.0)
    if old.isStopped != new.isStopped { changes.append(new.isStopped ? "stopped" : "started") }
    if changes.isEmpty, old.restartedAt != new.restartedAt { changes = ["a restart"] }
    if changes.isEmpty { return "nothing but new pods" }
    guard changes.count > 1 else { return changes[0] }
    let last = changes.removeLast()
    return "\(changes.joined(separator: ", ")) and \(last)"
  }

  /// Of the same image only what differs.
  private static func images(_ old: ImageReference, _ new: ImageReference) -> String {
    if old.registry == new.registry, old.path == new.path, let from = old.tag, let to = new.tag,
      from != to
    {
      return "image \(short(from)) → \(short(to))"
    }
    return "image \(short(old.text)) → \(short(new.text))"
  }

  private static func short(_ text: String) -> String {
    text.count <= 80 ? text : "\(text.prefix(79))…"
  }

  private static func cpu(_ spec: ApplicationSpec) -> [String?] {
    [spec.resources.cpuRequest, spec.resources.cpuLimit]
  }

  private static func memory(_ spec: ApplicationSpec) -> [String?] {
    [spec.resources.memoryRequest, spec.resources.memoryLimit]
  }
}
