import Domain
import HTTPTypes

/// Applications for programs: to read, to delete, and to check their addresses.
struct ApplicationAPI: Sendable {
  let applications: Applications
  let releases: Releases
  let checks: AddressChecks

  private static let own = "/projects/{project}/applications/{application}"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/projects/{project}/applications", "listApplications", .applications,
        "A project's applications, by name", asks: .permission(.readProject),
        query: APIParameter.paging, .ok(ApplicationResources.overview.page), use: list),
      APIRoute(
        .get, Self.own, "getApplication", .applications,
        "An application: what it is to be, and what it is", asks: .permission(.readProject),
        .ok(ApplicationResources.detail.schema).editable, use: show),
      APIRoute(
        .delete, Self.own, "deleteApplication", .applications, "Delete an application",
        about: "It stops, and can be restored for 7 days.", asks: .permission(.deleteApplications),
        query: [
          .confirm("application"),
          APIParameter("volumes", .flag(), "Whether its volumes go in the end."),
        ], .empty(), isEditing: true, use: delete),
      APIRoute(
        .get, "/projects/{project}/deleted-applications", "listDeletedApplications", .applications,
        "The deleted applications that can be restored", asks: .permission(.readProject),
        query: APIParameter.paging, .ok(ApplicationResources.deleted.page), use: listDeleted),
      APIRoute(
        .post, "\(Self.own)/restore", "restoreApplication", .applications,
        "Bring a deleted application back", asks: .permission(.deleteApplications),
        .accepted(ReleaseResources.accepted.schema), use: restore),
      APIRoute(
        .post, "\(Self.own)/removal", "removeApplication", .applications,
        "Remove a deleted application for good, now", asks: .permission(.deleteApplications),
        query: [.confirm("application")], .empty("Its removal has begun."), use: remove),
      APIRoute(
        .post, "\(Self.own)/address-check", "checkAddress", .operations,
        "Ask one of the application's addresses",
        about: "Connects once, for a few seconds, and follows no redirect.",
        asks: .permission(.readProject), body: Self.check, .ok(Self.answer.schema), use: check),
    ]
  }

  private static let check = Schema.body("AddressCheck", "Which address is asked.") {
    $0.required(
      "reach", .text("cluster", among: ApplicationAddress.Reach.allCases.map(\.rawValue)),
      "From where the address is reached.")
  }

  private static let answer = Resource<AddressAnswer>("AddressAnswer", "What an address answered.")
  {
    $0.one("address", ApplicationResources.address, "The address.") { $0.address }
    $0.flag("answers", "Whether something answered.") { $0.answers }
    $0.text("detail", "It answered 200 OK.", "What happened, in a sentence.") { $0.sentence }
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let found = try await applications.list(
      project: try call.name("project"), after: try call.cursor(), limit: call.limit + 1,
      as: call.principal)
    return call.page(found, ApplicationResources.overview) { $0.application.name }
  }

  @Sendable func show(_ call: APICall) async throws -> APIAnswer {
    let detail = try await detail(call)
    let diagnosis = await releases.diagnosis(of: detail)
    return .ok(
      ApplicationResources.detail.json(.init(detail: detail, diagnosis: diagnosis)),
      etag: detail.etag)
  }

  @Sendable func delete(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    if call.isConditional { try call.requireMatch(try await detail(call).etag) }
    do throws(DomainError) {
      try await releases.delete(
        name, typed: call.query["confirm"] ?? "", removingVolumes: call.isOn("volumes"),
        in: project, as: call.principal)
    } catch {
      throw error.renaming(ProjectAPI.parameter)
    }
    return .empty
  }

  @Sendable func listDeleted(_ call: APICall) async throws -> APIAnswer {
    let deleted = try await releases.deleted(in: try call.name("project"), as: call.principal)
    return try call.page(slicing: deleted, ApplicationResources.deleted)
  }

  @Sendable func restore(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let release = try await releases.restore(name, in: project, as: call.principal)
    return .accepted(release, of: name, in: project)
  }

  @Sendable func remove(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    do throws(DomainError) {
      try await releases.removeForGood(
        name, typed: call.query["confirm"] ?? "", in: project, as: call.principal)
    } catch {
      throw error.renaming(ProjectAPI.parameter)
    }
    return .empty
  }

  @Sendable func check(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let reach = call.text("reach").flatMap { ApplicationAddress.Reach(rawValue: $0) } ?? .cluster
    return .ok(
      Self.answer.json(
        try await checks.check(reach, of: name, in: project, as: call.principal)))
  }

  private func detail(_ call: APICall) async throws -> ApplicationDetail {
    let (project, name) = try call.applicationNames()
    return try await applications.application(named: name, in: project, as: call.principal)
  }
}

extension APICall {
  /// The names of a project and an application in it, from the path.
  func applicationNames() throws -> (project: String, application: String) {
    (try name("project"), try name("application"))
  }
}
