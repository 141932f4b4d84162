import Domain
import HTTPTypes

/// Deploying for programs: plan, create or change, change in part.
struct DeployAPI: Sendable {
  let projects: Projects
  let applications: Applications
  let releases: Releases

  private static let own = "/projects/{project}/applications/{application}"

  var routes: [APIRoute] {
    [
      APIRoute(
        .post, "\(Self.own)/plan", "planApplication", .applications,
        "What creating or changing an application would do",
        about: "Nothing is written. `planHash` of the call that deploys confirms exactly this.",
        asks: .permission(.deployApplications), body: Self.planned,
        .ok(ReleaseResources.plan.schema), use: plan),
      APIRoute(
        .put, Self.own, "putApplication", .applications, "Create or change an application",
        about: "Deploys a whole specification. Without a change it answers 200 and makes no "
          + "release. `If-None-Match: *` only creates.",
        asks: .permission(.deployApplications), body: Self.wanted,
        .ok(ReleaseResources.accepted.schema, "It is as wanted already."), Self.deployed,
        isEditing: true, use: put),
      APIRoute(
        .patch, Self.own, "patchApplication", .applications, "Change a part of an application",
        about: "`specification` is a merge patch (RFC 7396): null removes a key.",
        asks: .permission(.deployApplications), body: Self.patch,
        .ok(ReleaseResources.accepted.schema, "It is as wanted already."), Self.deployed,
        isEditing: true, use: change),
    ]
  }

  /// The answer with a new release, and where its rollout is.
  static let deployed = APIRoute.Answer.accepted(ReleaseResources.accepted.schema).leading(
    to: APILink(
      "getRollout",
      [
        "project": "$response.body#/project", "application": "$response.body#/application",
        "number": "$response.body#/release",
      ]),
    APILink(
      "getApplication",
      ["project": "$response.body#/project", "application": "$response.body#/application"]))

  private static let planned = Schema.body("PlannedApplication", "What would be deployed.") {
    $0.required("specification", SpecificationSchema.schema, "What the application is to be.")
  }

  private static let wanted = Schema.body("WantedApplication", "What is deployed.") {
    $0.required("specification", SpecificationSchema.schema, "What the application is to be.")
    addConfirmation(&$0)
  }

  private static let patch = Schema.body("ApplicationPatch", "What is changed.") {
    $0.required(
      "specification", .map(of: .anything, most: 40, sample: ["replicas": 3]),
      "Keys of a specification; null removes one.")
    addConfirmation(&$0)
  }

  private static func addConfirmation(_ fields: inout Fields) {
    fields.optional("message", .text("More room", length: 0...500), "Why, for people.")
    fields.optional(
      "planHash", .text("", length: 0...200),
      "Of the plan that is confirmed; when anything moved since, nothing is written (409).")
  }

  // MARK: Calls

  @Sendable func plan(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let old = try await existing(name, in: project, call)
    let draft = try Self.draft(call.body["specification"] ?? .null, name, old)
    let plan = try await Self.renaming(draft) { () async throws(DomainError) in
      try await releases.plan(
        draft, replacing: old.map { _ in name }, in: project, as: call.principal)
    }
    return .ok(ReleaseResources.plan.json(plan))
  }

  @Sendable func put(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let old = try await existing(name, in: project, call)
    try call.requireMatch(old?.etag)
    try call.requireAbsence(old?.etag)
    return try await deploy(call.body["specification"] ?? .null, replacing: old, call)
  }

  @Sendable func change(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let old = try await applications.application(named: name, in: project, as: call.principal)
    try call.requireMatch(old.etag)
    let patch = call.body["specification"] ?? .null
    let merged: JSON
    do throws(DomainError) {
      let bytes = try SpecificationFile.merging(patch.bytes, into: old.application.spec)
      merged = (try? JSON(parsing: bytes)) ?? .null
    } catch {
      throw error.renaming { "specification.\($0)" }
    }
    let mistakes = SpecificationSchema.schema.mistakes(in: merged, at: "specification")
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    return try await deploy(merged, replacing: old, call)
  }

  /// Deploys what a confirmed plan says, or what it takes now.
  private func deploy(
    _ specification: JSON, replacing old: ApplicationDetail?, _ call: APICall
  ) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let draft = try Self.draft(specification, name, old)
    let replacing = old.map { _ in name }
    let confirmed = call.text("planHash") ?? ""
    var plan: Plan?
    if confirmed.isEmpty {
      let first = try await Self.renaming(draft) { () async throws(DomainError) in
        try await releases.plan(draft, replacing: replacing, in: project, as: call.principal)
      }
      if let old, first.isEmpty, !first.changesSpecification {
        return try await unchanged(old, call)
      }
      plan = first
    }
    // While a release is being applied, what it takes changes by itself; who
    // confirmed no plan means whatever it takes, as long as nobody else deployed.
    for _ in 0..<Self.patience {
      if let plan, plan.releaseNumber != (old?.application.releaseNumber ?? 0) + 1 { break }
      let hash = plan?.hash ?? confirmed
      let confirmation = try await Self.renaming(draft) { () async throws(DomainError) in
        try await releases.deploy(
          draft, replacing: replacing, in: project, confirming: hash,
          message: call.text("message") ?? "", as: call.principal)
      }
      switch confirmation {
      case .deployed(let release):
        guard try Self.isMeant(release, by: draft, old) else { throw Self.moved(name) }
        return .accepted(release, of: name, in: project)
      case .moved(let moved) where plan != nil: plan = moved
      case .moved: throw Self.moved(name)
      }
    }
    throw Self.moved(name)
  }

  /// Whether a release that was there already, because its plan was confirmed
  /// before, is what this call asks for: a repeated one is, another one with an
  /// old hash isn't.
  private static func isMeant(
    _ release: Release, by draft: ApplicationDraft, _ old: ApplicationDetail?
  ) throws -> Bool {
    guard let old, release.number <= old.application.releaseNumber else { return true }
    return SpecificationFile.bytes(of: release.spec)
      == SpecificationFile.bytes(of: try draft.validated())
  }

  /// How often a plan that moved is followed.
  private static let patience = 5

  private func unchanged(_ old: ApplicationDetail, _ call: APICall) async throws -> APIAnswer {
    .ok(
      ReleaseResources.accepted.json(
        .init(
          release: try await releases.release(of: old), application: old.application.name,
          project: old.membership.project.name)),
      etag: old.etag)
  }

  // MARK: Steps

  static func moved(_ name: String) -> DomainError {
    DomainError(
      .conflict, "Something of “\(name)” moved since the plan, so nothing was changed.",
      advice: "Ask for the plan again, and confirm that one.")
  }

  /// The application; nil when the project has none of this name.
  private func existing(
    _ name: String, in project: String, _ call: APICall
  ) async throws(DomainError) -> ApplicationDetail? {
    _ = try await projects.project(named: project, as: call.principal)
    do throws(DomainError) {
      return try await applications.application(named: name, in: project, as: call.principal)
    } catch {
      guard error.reason == .notFound else { throw error }
      return nil
    }
  }

  private static func draft(
    _ specification: JSON, _ name: String, _ old: ApplicationDetail?
  ) throws(DomainError) -> ApplicationDraft {
    do throws(DomainError) {
      return try SpecificationFile.draft(
        json: specification.bytes, named: name, replacing: old?.application.spec)
    } catch {
      throw error.renaming { "specification.\($0)" }
    }
  }

  /// Names fields as they are in the body, not in the form.
  private static func renaming<Value: Sendable>(
    _ draft: ApplicationDraft, _ work: () async throws(DomainError) -> Value
  ) async throws(DomainError) -> Value {
    do throws(DomainError) {
      return try await work()
    } catch {
      throw error.renaming { "specification.\(SpecificationFile.path(of: $0, in: draft))" }
    }
  }
}
