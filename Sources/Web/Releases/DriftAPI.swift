import Domain
import HTTPTypes

/// What the cluster has other than the newest release, and what that applied,
/// for programs.
struct DriftAPI: Sendable {
  let applications: Applications
  let releases: Releases

  private static let own = "/projects/{project}/applications/{application}"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "\(Self.own)/drift", "getDrift", .operations,
        "What differs from the newest release, with who changed it",
        about: "Asks the cluster now.", asks: .permission(.readPeople), .ok(Self.drift.schema),
        use: drift),
      APIRoute(
        .get, "\(Self.own)/manifests", "listManifests", .operations,
        "What the newest release applied", asks: .permission(.readProject),
        query: APIParameter.paging, .ok(ReleaseResources.manifest.page), use: manifests),
    ]
  }

  private static let drift = Resource<DriftReport>("Drift", "What differs from a release.") {
    $0.text(
      "state", "compared", "What the look came to.", among: ["rollingOut", "compared", "unknown"]
    ) { report in
      switch report {
      case .rollingOut: "rollingOut"
      case .compared: "compared"
      case .unknown: "unknown"
      }
    }
    $0.maybe("why", "The cluster doesn't answer.", "Why it isn't known.") {
      if case .unknown(let why) = $0 { why } else { nil }
    }
    $0.maybeInteger("release", 7, "The release that was compared, or is on its way.") { report in
      switch report {
      case .rollingOut(let release): release
      case .compared(let drift): drift.release
      case .unknown: nil
      }
    }
    $0.flag("isDrifting", "Whether anything differs.") { $0.drift != nil }
    $0.each("fields", field, "Fields that differ.") { $0.drift?.fields ?? [] }
    $0.each("missing", missing, "Objects that are gone.") { $0.drift?.missing ?? [] }
  }

  private static let field = Resource<Drift.Field>("DriftField", "A field that differs.") {
    $0.text("kind", "Deployment", "The object's kind.") { $0.kind }
    $0.text("name", "web", "The object's name.") { $0.name }
    $0.text("path", "spec.replicas", "Where the field is.") { $0.path }
    $0.maybe("wanted", "2", "What the release says; null for nothing.") { $0.wanted }
    $0.maybe("found", "5", "What the cluster has; null for nothing.") { $0.found }
    $0.maybe("changedBy", "kubectl", "The field manager that changed it.") { $0.change?.manager }
    $0.maybeTime("changedAt", "When.") { $0.change?.time }
  }

  private static let missing = Resource<Drift.Missing>("MissingObject", "An object that is gone.") {
    $0.text("kind", "Service", "Its kind.") { $0.kind }
    $0.text("name", "web", "Its name.") { $0.name }
  }

  @Sendable func drift(_ call: APICall) async throws -> APIAnswer {
    .ok(Self.drift.json(try await releases.drift(of: try await detail(call))))
  }

  @Sendable func manifests(_ call: APICall) async throws -> APIAnswer {
    let release = try await releases.release(of: try await detail(call))
    return try call.page(slicing: release.manifests, ReleaseResources.manifest)
  }

  private func detail(_ call: APICall) async throws -> ApplicationDetail {
    let (project, name) = try call.applicationNames()
    return try await applications.application(named: name, in: project, as: call.principal)
  }
}
