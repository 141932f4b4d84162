/// In which order projects, or the applications of one, are listed.
public enum ListOrder: Sendable, Hashable {
  case name
  /// What was deployed last first.
  case changed
  /// Those of some names first, then those of others, then the rest; among each
  /// what was deployed last first. At most 500 names of each count.
  case health(failing: [String], progressing: [String])

  /// For `ORDER BY`, of rows with `changed_at`.
  ///
  /// - Parameter name: the column of names.
  func sql(name: SQL) -> SQL {
    switch self {
    case .name: return name
    case .changed: return "changed_at DESC, \(sql: name)"
    case .health(let failing, let progressing):
      return """
        CASE WHEN \(sql: name) IN \(list: Array(failing.prefix(500))) THEN 0
          WHEN \(sql: name) IN \(list: Array(progressing.prefix(500))) THEN 1 ELSE 2 END,
        changed_at DESC, \(sql: name)
        """
    }
  }
}
