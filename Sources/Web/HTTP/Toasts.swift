import Domain
import Hummingbird
import Templates

/// Tells people, on whatever page they are, that a release of theirs ended.
struct Toasts: Sendable {
  let ends: ReleaseEnds
  let projects: Projects

  /// Whether the person may know of it: they may not be in the project any more.
  func isShown(_ end: ReleaseEnd, to person: Principal) async -> Bool {
    (try? await projects.project(named: end.project, as: person)) != nil
  }
}

/// The stream of a page that has no other.
struct ToastPages: Sendable {
  let streams: EventStreams

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("toasts/live", use: live)
  }

  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    try streams.open(request, context) { _ in
      // Ends with the browser's interest: all that it tells comes besides.
      while (try? await Task.sleep(for: .seconds(3_600))) != nil {}
    }
  }
}

extension Toast {
  init(_ end: ReleaseEnd) {
    id = end.release.rawValue
    badge = end.hasSucceeded ? Badge(.good, "Succeeded") : Badge(.bad, "Failed")
    text = "Release #\(end.number) of \(end.application) in \(end.project)."
    link = Paths.application(end.application, in: end.project)
    linkText = "Open it"
  }
}
