import Domain
import HTTPTypes
import Hummingbird

/// Releases for programs: the list, each one, its rollout, and the way back to
/// it.
final class ReleaseAPI: Sendable {
  let applications: Applications
  let releases: Releases
  let streams: EventStreams

  init(
    applications: Applications, releases: Releases, streams: EventStreams
  ) {
    self.applications = applications
    self.releases = releases
    self.streams = streams
  }

  private static let own = "/projects/{project}/applications/{application}/releases"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, Self.own, "listReleases", .releases, "An application's releases, the newest first",
        asks: .permission(.readProject), query: APIParameter.paging,
        .ok(ReleaseResources.summary.page), use: list),
      APIRoute(
        .get, "\(Self.own)/{number}", "getRelease", .releases, "A release, with what it deployed",
        asks: .permission(.readProject), .ok(ReleaseResources.detail.schema), use: show),
      APIRoute(
        .get, "\(Self.own)/{number}/rollout", "getRollout", .releases,
        "How far a release is on the cluster",
        about: "With `Accept: text/event-stream` the same again whenever it changes, as events "
          + "called `rollout`, until it is finished.",
        asks: .permission(.readProject), .stream(ReleaseResources.rollout.schema, "How far it is."),
        use: rollout),
      APIRoute(
        .post, "\(Self.own)/{number}/rollback", "rollBack", .releases, "Go back to a release",
        about: "Makes a new release of the same specification, with the image that ran.",
        asks: .permission(.deployApplications), body: Self.rollback, DeployAPI.deployed,
        isRepeatable: true, use: rollBack),
    ]
  }

  private static let rollback = Schema.body("Rollback", "Which plan is confirmed.") {
    $0.optional(
      "planHash", .text("", length: 0...200),
      "Of the plan that is confirmed; without it, what it takes now.")
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let detail = try await detail(call)
    let found = try await releases.history(
      of: detail, before: try call.numericCursor(), limit: call.limit + 1)
    return call.page(found, ReleaseResources.summary) { "\($0.number)" }
  }

  @Sendable func show(_ call: APICall) async throws -> APIAnswer {
    let release = try await releases.release(
      try call.number("number"), of: try await detail(call))
    return .ok(ReleaseResources.detail.json(release))
  }

  @Sendable func rollout(_ call: APICall) async throws -> APIAnswer {
    let number = try call.number("number")
    let first = try await progress(number, call)
    guard call.type == "text/event-stream" else {
      return .ok(ReleaseResources.rollout.json(first))
    }
    let project = try call.name("project")
    let response = try streams.open(call.request, call.context) { [self] stream in
      var last: JSON?
      for await _ in applications.changes(in: project) {
        let now = try await inOwnTask { [self] in try await progress(number, call) }
        let json = ReleaseResources.rollout.json(now)
        if json != last { try await stream.send(event: "rollout", json.bytes) }
        last = json
        if now.release.state.isFinal { return }
      }
    }
    return .response(response)
  }

  @Sendable func rollBack(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let change = ApplicationChange.rollback(to: try call.number("number"))
    var hash = call.text("planHash") ?? ""
    if hash.isEmpty {
      hash = try await releases.plan(change, of: name, in: project, as: call.principal).hash
    }
    let confirmation = try await releases.deploy(
      change, of: name, in: project, confirming: hash, as: call.principal)
    switch confirmation {
    case .deployed(let release): return .accepted(release, of: name, in: project)
    case .moved: throw DeployAPI.moved(name)
    }
  }

  private func progress(
    _ number: Int, _ call: APICall
  ) async throws -> ReleaseResources.Progress {
    let detail = try await detail(call)
    let below = number == .max ? number : number + 1
    let history = try await releases.history(of: detail, before: below, limit: 1)
    guard let release = history.first, release.number == number else {
      // Says that there is none in the words of everywhere else.
      _ = try await releases.release(number, of: detail)
      throw HTTPError(.notFound)
    }
    guard number == detail.application.releaseNumber else {
      return .init(release: release, live: nil, diagnosis: nil)
    }
    return .init(
      release: release, live: detail.progress(of: release),
      diagnosis: release.state == .succeeded ? nil : await releases.diagnosis(of: detail))
  }

  private func detail(_ call: APICall) async throws -> ApplicationDetail {
    let (project, name) = try call.applicationNames()
    return try await applications.application(named: name, in: project, as: call.principal)
  }
}
