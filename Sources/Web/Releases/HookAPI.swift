import Domain
import HTTPTypes
import Templates

/// Deploy hooks for programs: making, rotating and removing them. Calling one is
/// no call of the API: docs/automation.md.
struct HookAPI: Sendable {
  let hooks: DeployHooks

  private static let own = "/projects/{project}/applications/{application}/hooks"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, Self.own, "listDeployHooks", .operations, "An application's deploy hooks, by name",
        asks: .permission(.deployApplications), query: APIParameter.paging, .ok(Self.hook.page),
        use: list),
      APIRoute(
        .post, Self.own, "createDeployHook", .operations, "Make a deploy hook",
        about: "The secret is told only in this answer. The hook deploys as you.",
        asks: .permission(.deployApplications), body: Self.wish, .created(Self.made.schema),
        isRepeatable: true, use: create),
      APIRoute(
        .post, "\(Self.own)/{hook}/rotation", "rotateDeployHook", .operations,
        "Give a hook another secret",
        about: "The one before is worth nothing from then on, and the hook deploys as you.",
        asks: .permission(.deployApplications), .ok(Self.made.schema), isRepeatable: true,
        use: rotate),
      APIRoute(
        .delete, "\(Self.own)/{hook}", "removeDeployHook", .operations, "Remove a deploy hook",
        asks: .permission(.deployApplications), .empty(), use: remove),
    ]
  }

  private static let hook = Resource<DeployHook>("DeployHook", "Where a registry posts to.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "Part of its address.") { $0.id.rawValue }
    $0.text("name", "Docker Hub", "Who calls it.") { $0.name }
    $0.text("tags", "v*", "Which tags it deploys; empty for all.") { $0.tags.text }
    $0.text("address", "/hooks/deploy/6fa459ea-ee8a-4ca4-894e-db77e160355e", "Where to post.") {
      Paths.hookCall($0.id).text
    }
    $0.text("deploysAs", "Ann", "Whose right to deploy it uses.") { $0.makerName }
    $0.maybe("obstacle", "The person is suspended.", "Why it can't deploy; null while it can.") {
      $0.obstacle
    }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.time("secretAt", "When it got its secret.") { $0.secretAt }
    $0.each("uses", use, "The last uses, the newest first.") { $0.uses }
  }

  private static let use = Resource<DeployHookUse>("DeployHookUse", "One call of a hook.") {
    $0.time("at", "When.") { $0.at }
    $0.text(
      "outcome", "deployed", "What it came to.",
      among: DeployHookUse.Outcome.allCases.map(\.rawValue)
    ) { $0.outcome.rawValue }
    $0.text("message", "Release #8 of “web” is on its way.", "The same in a sentence.") {
      $0.sentence
    }
    $0.text("tag", "1.4", "The tag that was named; empty for none.") { $0.tag }
    $0.maybeInteger("release", 8, "The release that it made.") { $0.release }
    $0.text("address", "203.0.113.7", "From where it came.") { $0.address }
  }

  private static let made = Resource<NewDeployHook>("NewDeployHook", "A hook and its secret.") {
    $0.one("hook", hook, "The hook.") { $0.hook }
    $0.text("secret", "babyhelm_hook_…", "Told only now.") { $0.secret }
  }

  private static let wish = Schema.body("DeployHookWish", "What a hook is for.") {
    $0.required("name", .text("Docker Hub", length: 1...60), "Who calls it.")
    $0.optional(
      "tags", .text("v*", length: 0...128),
      "Which tags it deploys: `*` for any number of signs, `?` for one; all without.")
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    return try call.page(
      slicing: try await hooks.list(of: name, in: project, as: call.principal), Self.hook)
  }

  @Sendable func create(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let made = try await hooks.create(
      named: call.text("name") ?? "", tags: call.text("tags") ?? "", of: name, in: project,
      as: call.principal)
    return .created(Self.made.json(made))
  }

  @Sendable func rotate(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    return .ok(
      Self.made.json(
        try await hooks.rotate(
          DeployHook.ID(rawValue: try call.name("hook")), of: name, in: project,
          as: call.principal)))
  }

  @Sendable func remove(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    try await hooks.remove(
      DeployHook.ID(rawValue: try call.name("hook")), of: name, in: project, as: call.principal)
    return .empty
  }
}
