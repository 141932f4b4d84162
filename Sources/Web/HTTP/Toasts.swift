import Domain
import Hummingbird
import Templates

/// Tells people, on whatever page they are, that a release of theirs ended.
struct Toasts: Sendable {
  let ends: ReleaseEnds
  let projects: Projects

  /// Sends what ends until the stream does.
  func feed(_ stream: EventStream, _ context: SignedInContext) async {
    for await end in ends.stream(of: context.principal.userID) {
      // They may not be in the project any more.
      guard (try? await projects.project(named: end.project, as: context.principal)) != nil
      else { continue }
      let html = Template.Partials.toast(toast: Toast(end))
      guard (try? await stream.send(event: "toast", html.bytes)) != nil else { return }
    }
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
