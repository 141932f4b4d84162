import Domain
import HTTPTypes

/// What changes an application without a specification: scale, restart, stop,
/// start, and what is done to a rollout under way.
struct ActionAPI: Sendable {
  let applications: Applications
  let releases: Releases

  private static let own = "/projects/{project}/applications/{application}"

  var routes: [APIRoute] {
    [
      APIRoute(
        .post, "\(Self.own)/scale", "scaleApplication", .operations,
        "Run another number of replicas",
        asks: .permission(.deployApplications), body: Self.scale, Self.asWanted,
        DeployAPI.deployed,
        isRepeatable: true
      ) { call in
        try await change(.scale(replicas: "\(call.body["replicas"]?.int ?? 0)"), call)
      },
      action(.restart, "restart", "Make new pods of the same specification"),
      action(.stop, "stop", "Run nothing until it is started again"),
      action(.start, "start", "Run again what was stopped"),
      action(.putBack, "put-back", "Put back what was changed by hand"),
      pausing(true, "pause", "Stop a rollout where it is"),
      pausing(false, "resume", "Let a paused rollout go on"),
      APIRoute(
        .post, "\(Self.own)/cancel", "cancelRollout", .operations,
        "Go back to the last release that succeeded", asks: .permission(.deployApplications),
        body: Self.choice("CancelledRelease"), DeployAPI.deployed, isRepeatable: true, use: cancel),
    ]
  }

  private static let asWanted = APIRoute.Answer.ok(
    ReleaseResources.accepted.schema, "It is as wanted already.")

  private static let release: (Schema, String) = (
    .integer(7, 1...Int(Int32.max)),
    "The newest release as you saw it: when there is a newer one, nothing is changed (409)."
  )

  private static let scale = Schema.body("Scale", "How many replicas.") {
    $0.required("replicas", .integer(3, 0...100), "How many pods run.")
    $0.optional("release", release.0, release.1)
  }

  private static func choice(_ name: String) -> Schema {
    .body(name, "Which release is meant.") { $0.optional("release", release.0, release.1) }
  }

  private func action(_ change: ApplicationChange, _ word: String, _ summary: String) -> APIRoute {
    let id = word == "put-back" ? "putBackApplication" : "\(word)Application"
    return APIRoute(
      .post, "\(Self.own)/\(word)", id, .operations, summary,
      asks: .permission(.deployApplications), body: Self.choice("SeenRelease"), Self.asWanted,
      DeployAPI.deployed, isRepeatable: true
    ) { call in try await self.change(change, call) }
  }

  private func pausing(_ isPaused: Bool, _ word: String, _ summary: String) -> APIRoute {
    APIRoute(
      .post, "\(Self.own)/\(word)", "\(word)Rollout", .operations, summary,
      asks: .permission(.deployApplications), .empty()
    ) { call in
      let (project, name) = try call.applicationNames()
      try await releases.setPaused(isPaused, of: name, in: project, as: call.principal)
      return .empty
    }
  }

  private func change(_ change: ApplicationChange, _ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let detail = try await applications.application(named: name, in: project, as: call.principal)
    let seen = call.body["release"]?.int ?? detail.application.releaseNumber
    let release = try await releases.perform(
      change, of: name, in: project, after: seen, as: call.principal)
    if let release { return .accepted(release, of: name, in: project) }
    return .ok(
      ReleaseResources.accepted.json(
        .init(
          release: try await releases.release(of: detail), application: name, project: project)))
  }

  @Sendable func cancel(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let detail = try await applications.application(named: name, in: project, as: call.principal)
    let release = try await releases.cancel(
      call.body["release"]?.int ?? detail.application.releaseNumber, of: name, in: project,
      as: call.principal)
    return .accepted(release, of: name, in: project)
  }
}
