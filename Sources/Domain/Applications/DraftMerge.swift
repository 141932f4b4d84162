/// What two people changed of an application at the same time, put together
/// field by field: what only one of them changed is as they want it, what both
/// changed is asked.
struct DraftMerge {
  /// With everything that could be merged; where both changed a field, it has
  /// what "mine" says.
  private(set) var draft: ApplicationDraft
  /// One for each field that both changed to different values.
  private(set) var conflicts: [FieldError] = []
  /// The fields that the other one changed, in words.
  private(set) var theirChanges: [String] = []

  private let base: ApplicationDraft?
  private let theirs: ApplicationDraft

  /// - Parameters:
  ///   - base: what both began with; nil when it isn't known any more, and then
  ///     every difference is a conflict.
  ///   - mine: the draft that was typed.
  ///   - theirs: what was deployed meanwhile.
  init(base: ApplicationDraft?, mine: ApplicationDraft, theirs: ApplicationDraft) {
    self.base = base
    self.theirs = theirs
    draft = mine
    for field in Self.texts { merge(field.path, field.name, field.label) { "“\($0)”" } }
    for field in Self.flags { merge(field.path, field.name, field.label) { $0 ? "on" : "off" } }
    draft.restartedAt = theirs.restartedAt
    mergeRows(\.environment, "environment", "value", "the variable", key: \.name)
    mergeRows(\.secrets, "secrets", "reference", "the variable", key: \.name)
    mergeRows(\.files, "files", "content", "the file", key: \.path)
    mergeRows(\.volumes, "volumes", "size", "the volume", key: \.path)
    mergeRows(\.morePorts, "ports", "transport", "the port", key: \.number)
    mergeRows(\.secretValues, "secretValues", "target", "the secret value", key: \.target)
  }

  // MARK: Fields

  private typealias Text = (
    name: String, label: String, path: any WritableKeyPath<ApplicationDraft, String> & Sendable
  )
  private typealias Flag = (
    name: String, label: String, path: any WritableKeyPath<ApplicationDraft, Bool> & Sendable
  )

  private static let texts: [Text] = [
    ("image", "the image", \.image), ("port", "the port", \.port),
    ("command", "the command", \.command), ("arguments", "the arguments", \.arguments),
    ("replicas", "the replicas", \.replicas),
    ("minimumReplicas", "the least number of replicas", \.minimumReplicas),
    ("maximumReplicas", "the greatest number of replicas", \.maximumReplicas),
    ("targetCPU", "the CPU target", \.targetCPU),
    ("cpuRequest", "the CPU request", \.cpuRequest), ("cpuLimit", "the CPU limit", \.cpuLimit),
    ("memoryRequest", "the memory request", \.memoryRequest),
    ("memoryLimit", "the memory limit", \.memoryLimit),
    ("healthCheck", "the health check", \.healthCheck),
    ("healthPath", "the path of the health check", \.healthPath),
    ("healthCommand", "the command of the health check", \.healthCommand),
    ("startSeconds", "the time to start", \.startSeconds), ("surge", "the pods more", \.surge),
    ("unavailable", "the pods fewer", \.unavailable),
    ("exposure", "who can reach it", \.exposure), ("host", "the host name", \.host),
    ("tailnetName", "the name in the tailnet", \.tailnetName),
    ("pullSecret", "the registry login", \.pullSecret),
    ("registryUser", "the registry's user", \.registryUser), ("userID", "the user id", \.userID),
  ]
  private static let flags: [Flag] = [
    ("autoscaling", "autoscaling", \.isAutoscaled),
    ("restartsUnhealthy", "restarting unhealthy replicas", \.restartsUnhealthy),
    ("isEncrypted", "HTTPS", \.isEncrypted), ("isStopped", "whether it is stopped", \.isStopped),
    ("undoesFailures", "going back by itself", \.undoesFailures),
  ]

  private mutating func merge<Value: Equatable>(
    _ path: WritableKeyPath<ApplicationDraft, Value>, _ name: String, _ label: String,
    _ words: (Value) -> String
  ) {
    let (mine, their) = (draft[keyPath: path], theirs[keyPath: path])
    guard mine != their else { return }
    let before = base?[keyPath: path]
    if before == mine {
      draft[keyPath: path] = their
      theirChanges.append("\(label) is now \(words(their))")
    } else if before != their {
      theirChanges.append("\(label) is now \(words(their))")
      conflicts.append(Self.conflict(at: name, words(their)))
    }
  }

  // MARK: Rows

  /// Rows are the same thing when they have the same name or path.
  private mutating func mergeRows<Row: MergeableRow>(
    _ path: WritableKeyPath<ApplicationDraft, [Row]>, _ list: String, _ column: String,
    _ label: String, key: KeyPath<Row, String>
  ) {
    func byKey(_ rows: [Row]) -> [String: Row] {
      Dictionary(rows.map { ($0[keyPath: key], $0) }) { first, _ in first }
    }
    let before = base.map { byKey($0[keyPath: path]) }
    let their = byKey(theirs[keyPath: path])
    var merged: [Row] = []
    for mine in draft[keyPath: path] {
      let name = mine[keyPath: key]
      guard !name.isEmpty else {
        merged.append(mine)
        continue
      }
      let (old, other) = (before?[name], their[name])
      let mineIsOld = before != nil && old.map { mine.isSame(as: $0) } ?? false
      let theirsIsOld = before != nil && Self.isSame(old, other)
      if theirsIsOld || other.map({ mine.isSame(as: $0) }) ?? false {
        merged.append(mine)
      } else if mineIsOld {
        theirChanges.append("\(label) “\(name)” \(other == nil ? "is gone" : "has another value")")
        if let other { merged.append(other) }
      } else {
        conflicts.append(
          Self.conflict(at: "\(list).\(merged.count).\(column)", other?.words ?? "nothing"))
        theirChanges.append("\(label) “\(name)” \(other == nil ? "is gone" : "has another value")")
        merged.append(mine)
      }
    }
    let mineByKey = byKey(draft[keyPath: path])
    for other in theirs[keyPath: path] where mineByKey[other[keyPath: key]] == nil {
      let name = other[keyPath: key]
      // What I took away stays away, unless they changed it meanwhile.
      if let before, let old = before[name], other.isSame(as: old) { continue }
      theirChanges.append("\(label) “\(name)” is there")
      merged.append(other)
    }
    draft[keyPath: path] = merged
  }

  private static func isSame<Row: MergeableRow>(_ old: Row?, _ other: Row?) -> Bool {
    switch (old, other) {
    case (nil, nil): true
    case (let old?, let other?): other.isSame(as: old)
    default: false
    }
  }

  private static func conflict(at field: String, _ their: String) -> FieldError {
    FieldError(field, "It is \(their) by now. This has what you want; send it again to keep that.")
  }
}

/// A row of the deploy form that two people may have changed.
protocol MergeableRow: Equatable {
  /// Its value, for a person; never a secret one.
  var words: String { get }
  /// Whether it says the same as another row of its name.
  func isSame(as other: Self) -> Bool
}

extension MergeableRow {
  func isSame(as other: Self) -> Bool { self == other }
}

extension ApplicationDraft.EnvironmentRow: MergeableRow {
  var words: String { "“\(value.prefix(200))”" }
}

extension ApplicationDraft.SecretRow: MergeableRow {
  var words: String { "“\(reference)”" }
}

extension ApplicationDraft.FileRow: MergeableRow {
  var words: String { "another content" }
}

extension ApplicationDraft.VolumeRow: MergeableRow {
  var words: String { "“\(size)”" }
}

extension ApplicationDraft.PortRow: MergeableRow {
  var words: String { transport }
}

extension ApplicationDraft.SecretValueRow: MergeableRow {
  var words: String { "another value" }

  /// A value that is typed anew differs from whatever is there.
  func isSame(as other: Self) -> Bool {
    let isTyped = !value.isEmpty || !sealed.isEmpty || !other.value.isEmpty || !other.sealed.isEmpty
    guard !isTyped else { return false }
    // A row that came back from a form doesn't know when its value was set.
    return setAt == nil || other.setAt == nil || setAt == other.setAt
  }
}
