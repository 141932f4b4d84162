import Domain
import Hummingbird

/// What Kubernetes tells about an application.
final class EventPages: Sendable {
  let events: ApplicationEvents
  let applications: Applications
  let streams: EventStreams

  init(
    events: ApplicationEvents, applications: Applications, streams: EventStreams
  ) {
    self.events = events
    self.applications = applications
    self.streams = streams
  }

  /// The shortest time between two looks for one page.
  private static let pace: Duration = .seconds(2)

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/apps/:application/events", use: show)
    pages.get("projects/:project/apps/:application/events/live", use: live)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let page = try await page(context)
    let view = EventsPage(
      chrome: context.chrome("Events of \(page.detail.application.name)", section: .projects),
      page)
    return Page(Template.Logs.events(view))
  }

  /// Sends the events anew after something of the project changed.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    _ = try await applications.application(
      named: try context.parameter("application"), in: project, as: context.principal)
    return try streams.open(request, context) { [self] stream in
      for await _ in applications.changes(in: project) {
        try await stream.send { [self] in
          Template.Logs.eventGroups(events: EventGroups(try await page(context)))
        }
        try await Task.sleep(for: Self.pace)
      }
    }
  }

  private func page(_ context: SignedInContext) async throws -> EventPage {
    try await events.page(
      of: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
  }
}
