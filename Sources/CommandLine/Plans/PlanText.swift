/// What a deploy would do, as the server tells it.
struct PlanAnswer: Equatable, Sendable {
  struct Item: Equatable, Sendable {
    let kind: String
    let name: String
    /// create, change, delete, nothing.
    let action: String
    let changes: [Change]
  }

  struct Change: Equatable, Sendable {
    let path: String
    let old: String
    let new: String
  }

  let hash: String
  let release: Int
  let isEmpty: Bool
  let items: [Item]
  let warnings: [String]
  /// Sentences about quota lines that don't fit.
  let quota: [String]
  /// The application as it was when this was planned, for `If-Match`; nil where
  /// there was none.
  var tag: String?

  init?(_ json: JSON) {
    guard let hash = json["hash"]?.string, let items = json["items"]?.array else { return nil }
    self.hash = hash
    release = json["release"]?.integer ?? 0
    self.items = items.map(Item.init)
    isEmpty = json["isEmpty"]?.bool ?? !self.items.contains { $0.action != "nothing" }
    warnings = (json["warnings"]?.array ?? []).map(\.words)
    quota = (json["quota"]?.array ?? []).compactMap { line in
      line["fits"]?.bool == false ? line["detail"]?.words : nil
    }
  }
}

extension PlanAnswer.Item {
  init(_ json: JSON) {
    self.init(
      kind: json["kind"]?.words ?? "", name: json["name"]?.words ?? "",
      action: json["action"]?.words ?? "",
      changes: (json["changes"]?.array ?? []).map { change in
        PlanAnswer.Change(
          path: change["path"]?.words ?? "", old: change["old"]?.words ?? "",
          new: change["new"]?.words ?? "")
      })
  }
}

extension PlanAnswer {
  /// The plan as a difference to read: `+` what comes, `-` what goes, `~` what changes.
  func lines(for application: ApplicationName, paint: Paint = .plain) -> [String] {
    guard !isEmpty else { return ["\(application): nothing to change"] }
    return [paint.strong("\(application), release \(release):")]
      + items.filter { $0.action != "nothing" }.flatMap { $0.lines(paint) }
      + ["  \(summary)"]
      + warnings.map { "  Warning: \($0.onOneLine)" } + quota.map { "  Quota: \($0.onOneLine)" }
  }

  private var summary: String {
    func count(_ action: String) -> Int { items.count { $0.action == action } }
    let parts = [
      (count("create"), "to create"), (count("change"), "to change"),
      (count("delete"), "to delete"), (count("nothing"), "unchanged"),
    ]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}

extension PlanAnswer.Item {
  fileprivate func lines(_ paint: Paint) -> [String] {
    let title = "\(kind) \(name)".onOneLine
    switch action {
    case "create": return [paint.added("  + \(title)")]
    case "delete": return [paint.removed("  - \(title)")]
    default: return [paint.changed("  ~ \(title)")] + changes.flatMap { $0.lines(paint) }
    }
  }
}

extension PlanAnswer.Change {
  fileprivate func lines(_ paint: Paint) -> [String] {
    let path = path.onOneLine
    if old.contains("\n") || new.contains("\n") {
      return ["      \(path):"] + difference(paint)
    }
    switch (old.onOneLine, new.onOneLine) {
    case ("", let new): return [paint.added("      \(path): \(new)")]
    case (let old, ""): return [paint.removed("      \(path): \(old) is taken away")]
    case (let old, let new):
      return ["      \(path): \(paint.removed(old)) → \(paint.added(new))"]
    }
  }

  /// The lines that differ, in the order of the new text.
  private func difference(_ paint: Paint) -> [String] {
    let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let steps = after.difference(from: before)
    let removals = steps.removals.map { step -> (Int, Int, String) in
      guard case .remove(let offset, let line, _) = step else { return (0, 0, "") }
      return (offset - steps.removals.count { $0.offset < offset }, 0, "- \(line.onOneLine)")
    }
    let insertions = steps.insertions.map { step -> (Int, Int, String) in
      guard case .insert(let offset, let line, _) = step else { return (0, 0, "") }
      return (offset - steps.insertions.count { $0.offset < offset }, 1, "+ \(line.onOneLine)")
    }
    // Both places are counted in lines that stay, so that a line and what
    // replaces it stand together.
    return (removals + insertions).enumerated().sorted { left, right in
      (left.element.0, left.element.1, left.offset)
        < (right.element.0, right.element.1, right.offset)
    }.map { _, step in
      step.2.hasPrefix("-")
        ? paint.removed("        \(step.2)") : paint.added("        \(step.2)")
    }
  }
}

extension CollectionDifference<String>.Change {
  fileprivate var offset: Int {
    switch self {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }
}
