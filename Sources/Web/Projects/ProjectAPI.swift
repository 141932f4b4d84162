import Domain
import HTTPTypes

/// Projects for programs.
struct ProjectAPI: Sendable {
  let projects: Projects
  let applications: Applications
  let releases: Releases
  let policies: Policies

  private static let own = "/projects/{project}"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/projects", "listProjects", .projects, "The projects that you may see, by name",
        asks: .signedIn, query: APIParameter.paging, .ok(ProjectResources.project.page),
        use: list),
      APIRoute(
        .post, "/projects", "createProject", .projects, "Make a project",
        about: "Makes the namespace with its quota and guards; you become its owner.",
        asks: .permission(.createProjects), body: Self.newProject,
        .created(ProjectResources.project.schema).located.leading(
          to: APILink("getProject", ["project": "$response.body#/name"]),
          APILink("listApplications", ["project": "$response.body#/name"])),
        isRepeatable: true, use: create),
      APIRoute(
        .get, Self.own, "getProject", .projects, "A project, and how it does",
        asks: .permission(.readProject), .ok(ProjectResources.detail.schema), use: show),
      APIRoute(
        .delete, Self.own, "deleteProject", .projects, "Delete a project",
        about: "It can be restored for 7 days. Its applications go only with `applications=true`.",
        asks: .permission(.deleteProject),
        query: [
          .confirm("project"),
          APIParameter("applications", .flag(), "Whether its applications are deleted too."),
          APIParameter("volumes", .flag(), "Whether their volumes go in the end."),
        ], .empty(), use: delete),
      APIRoute(
        .get, "/deleted-projects", "listDeletedProjects", .projects,
        "The deleted projects that you may restore", asks: .signedIn, query: APIParameter.paging,
        .ok(ProjectResources.deleted.page), use: listDeleted),
      APIRoute(
        .post, "\(Self.own)/restore", "restoreProject", .projects, "Bring a deleted project back",
        asks: .permission(.deleteProject), .ok(ProjectResources.project.schema), use: restore),
      APIRoute(
        .post, "\(Self.own)/removal", "removeProject", .projects,
        "Remove a deleted project for good, now", asks: .permission(.deleteProject),
        query: [.confirm("project")], .empty("Its removal has begun."), use: remove),
      APIRoute(
        .post, "\(Self.own)/guards", "restoreGuards", .projects, "Put the project's guards back",
        asks: .permission(.restoreGuards), .empty(), use: restoreGuards),
      APIRoute(
        .post, "\(Self.own)/namespace", "remakeNamespace", .projects,
        "Make the project's namespace again after it was deleted on the cluster",
        asks: .permission(.restoreGuards), .empty("It is there, empty."), use: remakeNamespace),
    ]
  }

  private static let newProject = Schema.body("NewProject", "What a new project is to be.") {
    $0.required("name", .text("shop", length: 1...63), "A DNS label; also the namespace's name.")
    $0.optional(
      "quota", .object("NewQuota", "What all pods may ask for.", ProjectResources.quotaFields),
      "What its pods may ask for; without it what the admins decided for new projects.")
    $0.optional(
      "podSecurity", .text("baseline", among: PodSecurityLevel.allCases.map(\.rawValue)),
      "The Pod Security Standard that is enforced; `baseline` without.")
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let found = try await projects.list(
      after: try call.cursor(), limit: call.limit + 1, as: call.principal)
    return call.page(found, ProjectResources.project) { $0.project.name }
  }

  @Sendable func create(_ call: APICall) async throws -> APIAnswer {
    var draft = ProjectDraft(quota: call.context.policy.quota)
    draft.name = call.text("name") ?? ""
    if let quota = call.body["quota"].map({ QuotaDraft($0) }) {
      (draft.cpu, draft.memory, draft.pods, draft.storage) = (
        quota.cpu, quota.memory, quota.pods, quota.storage
      )
    }
    draft.podSecurity = call.text("podSecurity") ?? draft.podSecurity
    let project: Project
    do throws(DomainError) {
      project = try await projects.create(draft, as: call.principal)
    } catch {
      throw error.renaming { QuotaDraft.fields.contains($0) ? "quota.\($0)" : $0 }
    }
    let membership = try await projects.project(named: project.name, as: call.principal)
    return .created(
      ProjectResources.project.json(membership), at: APICall.path("projects", project.name))
  }

  @Sendable func show(_ call: APICall) async throws -> APIAnswer {
    let membership = try await projects.project(
      named: try call.name("project"), as: call.principal)
    return .ok(
      ProjectResources.detail.json(
        .init(
          membership: membership, usage: applications.usage(of: membership.project),
          guards: projects.isolation(of: membership))))
  }

  @Sendable func delete(_ call: APICall) async throws -> APIAnswer {
    do throws(DomainError) {
      try await releases.deleteProject(
        (try? call.name("project")) ?? "", typed: call.query["confirm"] ?? "",
        includingApplications: call.isOn("applications"), removingVolumes: call.isOn("volumes"),
        as: call.principal)
    } catch {
      throw error.renaming(Self.parameter)
    }
    return .empty
  }

  @Sendable func listDeleted(_ call: APICall) async throws -> APIAnswer {
    try call.page(
      slicing: try await projects.deleted(as: call.principal), ProjectResources.deleted)
  }

  @Sendable func restore(_ call: APICall) async throws -> APIAnswer {
    let name = try call.name("project")
    try await releases.restoreProject(name, as: call.principal)
    return .ok(
      ProjectResources.project.json(
        try await projects.project(named: name, as: call.principal)))
  }

  @Sendable func remove(_ call: APICall) async throws -> APIAnswer {
    do throws(DomainError) {
      try await releases.removeProject(
        (try? call.name("project")) ?? "", typed: call.query["confirm"] ?? "", as: call.principal)
    } catch {
      throw error.renaming(Self.parameter)
    }
    return .empty
  }

  @Sendable func restoreGuards(_ call: APICall) async throws -> APIAnswer {
    try await projects.restoreGuards(of: try call.name("project"), as: call.principal)
    return .empty
  }

  @Sendable func remakeNamespace(_ call: APICall) async throws -> APIAnswer {
    try await projects.remakeNamespace(of: try call.name("project"), as: call.principal)
    return .empty
  }

  /// What a field of the page's form is called here.
  static func parameter(_ field: String) -> String {
    switch field {
    case "confirmation": "confirm"
    case "includesApplications": "applications"
    case "removesVolumes": "volumes"
    default: field
    }
  }
}

extension DomainError {
  /// The same with other names of its fields: forms and bodies differ.
  func renaming(_ name: (String) -> String) -> DomainError {
    var copy = self
    copy.fields = fields.map { FieldError(name($0.field), $0.message) }
    return copy
  }
}
