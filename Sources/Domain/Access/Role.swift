/// What a person may do on the platform (docs/design.md §1).
public enum PlatformRole: String, Sendable, CaseIterable, Codable {
  /// May look at projects marked as demo, and change nothing.
  case visitor
  /// May create projects and work in those they are a member of.
  case member
  /// May do everything.
  case admin
}

/// What kind of project something is asked about.
public enum ProjectKind: String, Sendable, CaseIterable {
  /// Its members' own affair.
  case ordinary
  /// Shown to everybody who is signed in, without the people in it.
  case demo
  /// A visitor's own for an hour, on the sandbox.
  case trial
}

/// What a person may do in one project. Each role includes the ones before it.
public enum ProjectRole: String, Sendable, CaseIterable, Codable, Comparable {
  /// May look.
  case viewer
  /// May also deploy and change applications.
  case editor
  /// May also change members and delete the project.
  case owner

  /// Whether the left role includes less than the right one.
  public static func < (left: Self, right: Self) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .editor: 1
    case .owner: 2
    }
  }
}
