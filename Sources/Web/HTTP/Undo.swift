import Domain
import Templates

/// The way back from what somebody just did, offered with the message that
/// says so. It sends the same form as the page from which one would go back by
/// hand, so the same permissions, conditions and questions count.
enum Undo: Sendable, Hashable {
  /// Of an application, as long as no release newer than this one was made.
  case start(String, project: String, after: Int)
  case stop(String, project: String, after: Int)
  case scale(String, project: String, to: Int, after: Int)
  case restoreApplication(String, project: String)
  case restoreProject(String)
  /// By the address of their account.
  case addMember(String, role: ProjectRole, project: String)
  case memberRole(User.ID, ProjectRole, project: String)
  case platformRole(User.ID, PlatformRole)
  /// A silence of a project, or of the platform.
  case endSilence(AlertSilence.ID, project: String?)

  /// Where the form is sent to.
  var action: Link {
    switch self {
    case .start(let name, let project, _): Paths.action(.start, on: name, in: project)
    case .stop(let name, let project, _): Paths.action(.stop, on: name, in: project)
    case .scale(let name, let project, _, _): Paths.action(.scale, on: name, in: project)
    case .restoreApplication(let name, let project):
      Paths.application(name, in: project, .restore)
    case .restoreProject(let project): Paths.restoreProject(project)
    case .addMember(_, _, let project): Paths.projectMembers(project)
    case .memberRole(let user, _, let project): Paths.memberRole(user, in: project)
    case .platformRole(let user, _): Paths.adminUserRole(user)
    case .endSilence(let silence, let project?): Paths.endSilence(silence, in: project)
    case .endSilence(let silence, nil): Paths.adminEndSilence(silence)
    }
  }

  /// What the form sends beside its token.
  var fields: [HiddenField] {
    switch self {
    case .start(_, _, let release), .stop(_, _, let release):
      [HiddenField(name: "release", value: String(release))]
    case .scale(_, _, let replicas, let release):
      [
        HiddenField(name: "replicas", value: String(replicas)),
        HiddenField(name: "release", value: String(release)),
      ]
    case .addMember(let email, let role, _):
      [
        HiddenField(name: "email", value: email), HiddenField(name: "role", value: role.rawValue),
      ]
    case .memberRole(_, let role, _): [HiddenField(name: "role", value: role.rawValue)]
    case .platformRole(_, let role): [HiddenField(name: "role", value: role.rawValue)]
    case .restoreApplication, .restoreProject, .endSilence: []
    }
  }
}

/// How it travels in the message's cookie.
extension Undo {
  /// The kind, then what it is about.
  var words: [String] {
    switch self {
    case .start(let name, let project, let release): ["start", name, project, String(release)]
    case .stop(let name, let project, let release): ["stop", name, project, String(release)]
    case .scale(let name, let project, let replicas, let release):
      ["scale", name, project, String(replicas), String(release)]
    case .restoreApplication(let name, let project): ["restore", name, project]
    case .restoreProject(let project): ["restore-project", project]
    case .addMember(let email, let role, let project): ["add", email, role.rawValue, project]
    case .memberRole(let user, let role, let project):
      ["role", user.rawValue, role.rawValue, project]
    case .platformRole(let user, let role): ["platform-role", user.rawValue, role.rawValue]
    case .endSilence(let silence, let project):
      ["end-silence", silence.rawValue] + (project.map { [$0] } ?? [])
    }
  }

  /// Takes only kinds that are known, with names, identifiers and numbers as
  /// they can be; nil for all else.
  init?(words: [String]) {
    guard let kind = words.first, let found = Self.read(kind, Array(words.dropFirst())),
      found.words == words
    else { return nil }
    self = found
  }

  private static func read(_ kind: String, _ words: [String]) -> Undo? {
    switch (kind, words.count) {
    case ("start", 3), ("stop", 3), ("scale", 4), ("restore", 2), ("restore-project", 1):
      return ofApplications(kind, words)
    case ("add", 3):
      guard words[0].utf8.count <= 254, words[0].contains("@"), isName(words[2]) else {
        return nil
      }
      return ProjectRole(rawValue: words[1]).map {
        .addMember(words[0], role: $0, project: words[2])
      }
    case ("role", 3):
      guard isID(words[0]), isName(words[2]) else { return nil }
      return ProjectRole(rawValue: words[1]).map {
        .memberRole(User.ID(rawValue: words[0]), $0, project: words[2])
      }
    case ("platform-role", 2):
      guard isID(words[0]) else { return nil }
      return PlatformRole(rawValue: words[1]).map {
        .platformRole(User.ID(rawValue: words[0]), $0)
      }
    case ("end-silence", 1), ("end-silence", 2):
      guard isID(words[0]), words.dropFirst().allSatisfy(isName) else { return nil }
      return .endSilence(
        AlertSilence.ID(rawValue: words[0]), project: words.count == 2 ? words[1] : nil)
    default: return nil
    }
  }

  private static func ofApplications(_ kind: String, _ words: [String]) -> Undo? {
    let numbers = words.dropFirst(2).compactMap { Int($0) }
    guard words.prefix(2).allSatisfy(isName), numbers.count == max(0, words.count - 2),
      numbers.allSatisfy({ $0 >= 0 })
    else { return nil }
    switch kind {
    case "start": return .start(words[0], project: words[1], after: numbers[0])
    case "stop": return .stop(words[0], project: words[1], after: numbers[0])
    case "scale":
      return .scale(words[0], project: words[1], to: numbers[0], after: numbers[1])
    case "restore": return .restoreApplication(words[0], project: words[1])
    default: return .restoreProject(words[0])
    }
  }

  /// A DNS label, as names of projects and applications are.
  private static func isName(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
      }
  }

  /// A UUID in lower case, as identifiers are.
  private static func isID(_ text: String) -> Bool {
    text.utf8.count == 36 && isName(text)
  }
}
