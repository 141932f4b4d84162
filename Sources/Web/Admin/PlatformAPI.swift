import Domain
import HTTPTypes

/// All projects, the cluster and the settings, for admins' programs.
struct PlatformAPI: Sendable {
  let projects: Projects
  let usage: Usage
  let policies: Policies

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/admin/projects", "listAllProjects", .admin,
        "All projects, deleted ones too, by name",
        asks: .permission(.readPlatformUsage), query: APIParameter.paging + [UserAdminAPI.search],
        .ok(Self.project.page), use: list),
      APIRoute(
        .get, "/admin/cluster", "getCluster", .admin, "The cluster: version, nodes, missing rights",
        about: "Asks it some sixty questions.", asks: .permission(.readPlatformUsage),
        .ok(Self.cluster.schema), use: cluster),
      APIRoute(
        .get, "/admin/settings", "getSettings", .admin, "What admins decided for everybody",
        asks: .permission(.changeSettings), .ok(SettingResources.settings.schema).editable,
        use: settings),
      APIRoute(
        .put, "/admin/settings", "putSettings", .admin, "Decide for everybody",
        about: "Without `prices` the price list stays as it is; null takes it away.",
        asks: .permission(.changeSettings), body: SettingResources.wish,
        .ok(SettingResources.settings.schema).editable, isEditing: true, use: decide),
    ]
  }

  private static let project = Resource<ProjectOverview>("AdminProject", "A project in all.") {
    $0.text("name", "shop", "Its name.") { $0.project.name }
    $0.text(
      "state", "ready", "How far it is.", among: Project.State.allCases.map(\.rawValue)
    ) { $0.project.state.rawValue }
    $0.texts("owners", "Ann", "Who owns it.") { $0.owners }
    $0.one("quota", ProjectResources.quota, "What its pods may ask for.") { $0.project.quota }
    $0.integer("applications", 3, "How many applications it has.") { $0.applicationCount }
    $0.time("createdAt", "When it was made.") { $0.project.createdAt }
    $0.maybeTime("deletedAt", "When it was deleted; null while it is in use.") {
      $0.project.deletedAt
    }
  }

  private static let cluster = Resource<ClusterReport>("Cluster", "The cluster as it is now.") {
    $0.text("version", "v1.36.0", "Its version.") { $0.version }
    $0.raw("nodes", Schema.list(of: node.schema, most: 10_000).orNull, "Null when not listable.") {
      $0.nodes.map { .array($0.map(node.json)) } ?? .null
    }
    $0.integer("milliCPU", 8_000, "Thousandths of a core that pods may use.") {
      Int($0.capacity.cpu)
    }
    $0.integer("memoryKiB", 33_554_432, "KiB of memory that pods may use.") {
      Int($0.capacity.memory)
    }
    $0.integer("requestedMilliCPU", 250, "What pods of projects ask for.") { Int($0.requested.cpu) }
    $0.integer("requestedMemoryKiB", 131_072, "What pods of projects ask for.") {
      Int($0.requested.memory)
    }
    $0.integer("pods", 2, "Pods of projects.") { $0.pods }
    $0.texts("missingRights", "patch deployments", "What BabyHelm needs and may not do.") {
      $0.missingRights
    }
  }

  private static let node = Resource<ClusterReport.Node>("Node", "A machine that pods run on.") {
    $0.text("name", "node-1", "Its name.") { $0.name }
    $0.flag("isReady", "Whether it can run pods.") { $0.isReady }
    $0.flag("isUnschedulable", "Whether it gets no new ones.") { $0.isUnschedulable }
    $0.text("version", "v1.36.0", "Its kubelet's version.") { $0.version }
    $0.integer("milliCPU", 4_000, "Thousandths of a core that pods may use.") {
      Int($0.capacity.cpu)
    }
    $0.integer("memoryKiB", 16_777_216, "KiB of memory that pods may use.") {
      Int($0.capacity.memory)
    }
    $0.integer("pods", 110, "How many pods it takes.") { $0.pods }
    $0.texts("pressures", "MemoryPressure", "What it complains about.") { $0.pressures }
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let found = try await projects.overview(
      matching: call.query["q"] ?? "", after: try call.cursor(), limit: call.limit + 1,
      as: call.principal)
    return call.page(found, Self.project) { $0.project.name }
  }

  @Sendable func cluster(_ call: APICall) async throws -> APIAnswer {
    .ok(Self.cluster.json(try await usage.cluster(as: call.principal)))
  }

  @Sendable func settings(_ call: APICall) async throws -> APIAnswer {
    let state = try await state(call)
    return .ok(SettingResources.settings.json(state), etag: state.etag)
  }

  @Sendable func decide(_ call: APICall) async throws -> APIAnswer {
    let old = try await state(call)
    try call.requireMatch(old.etag)
    // Both or none: what is wrong with the prices is told before the policy is kept.
    if let prices = call.body["prices"] {
      do throws(DomainError) {
        _ = try PriceListDraft(prices).validated()
      } catch {
        throw error.renaming { "prices.\($0)" }
      }
    }
    do throws(DomainError) {
      try await policies.change(
        to: PolicyDraft(call.body["policy"] ?? .null, over: old.policy.value),
        from: old.policy.version, as: call.principal)
    } catch {
      throw error.renaming {
        QuotaDraft.fields.contains($0) ? "policy.quota.\($0)" : "policy.\($0)"
      }
    }
    if let prices = call.body["prices"] {
      do throws(DomainError) {
        try await usage.setPriceList(
          PriceListDraft(prices), from: old.prices.version, as: call.principal)
      } catch {
        throw error.renaming { "prices.\($0)" }
      }
    }
    return try await settings(call)
  }

  private func state(_ call: APICall) async throws -> SettingResources.State {
    .init(
      policy: try await policies.setting(as: call.principal),
      prices: try await usage.priceList(as: call.principal))
  }
}
