import Domain

/// Asks again and again whether somebody may still see what they are being
/// sent: a right that was taken away ends open streams and downloads, too,
/// whichever replica took it away.
struct AccessWatch: Sendable {
  /// How often it is asked.
  static let interval: Duration = .seconds(2)

  private let accounts: Accounts
  private let projects: Projects?

  /// - Parameter projects: who is in which project; nil when no answer is about
  ///   one.
  init(accounts: Accounts, projects: Projects?) {
    self.accounts = accounts
    self.projects = projects
  }

  /// The role in a project that a long answer was begun with, and is asked for
  /// again.
  enum Standing: Equatable {
    case withoutProject
    case member(ProjectRole?)
  }

  /// - Throws: whatever says that the person isn't let in.
  func standing(of context: SignedInContext) async throws -> Standing {
    guard try await accounts.isStill(context.principal) else { throw CancellationError() }
    guard let projects, let name = try? context.parameter("project") else {
      return .withoutProject
    }
    return .member(try await projects.project(named: name, as: context.principal).role)
  }
}

/// The same for an answer that comes in pieces: asks between two of them, when
/// it is time again.
struct AccessTimer {
  private let watch: AccessWatch
  private let context: SignedInContext
  private var first: AccessWatch.Standing?
  private var askedAt = ContinuousClock.now

  init(watch: AccessWatch, _ context: SignedInContext) {
    self.watch = watch
    self.context = context
  }

  /// - Throws: when the person may not see the rest; the answer breaks off then,
  ///   which whoever reads it notices.
  mutating func requireBetweenPieces() async throws {
    let now = ContinuousClock.now
    guard first == nil || now - askedAt >= AccessWatch.interval else { return }
    askedAt = now
    let standing = try await watch.standing(of: context)
    guard first == nil || first == standing else { throw CancellationError() }
    first = standing
  }
}
