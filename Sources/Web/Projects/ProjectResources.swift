import Domain

/// Projects as the API tells them.
enum ProjectResources {
  static let quota = Resource<ProjectQuota>("Quota", "What all pods of a project may ask for.") {
    $0.text("cpu", "4", "The sum of CPU requests.") { $0.cpu }
    $0.text("memory", "8Gi", "The sum of memory requests, and of memory limits.") { $0.memory }
    $0.integer("pods", 50, "The number of pods.") { $0.pods }
    $0.text("storage", "50Gi", "The sum of what volumes ask for.") { $0.storage }
  }

  static let quotaUse = Resource<QuotaUsage>("QuotaUse", "How much of one line of a quota is used.")
  {
    $0.text(
      "resource", "requests.cpu", "What is counted, as Kubernetes names it.",
      among: QuotaUsage.Resource.allCases.map(\.rawValue)
    ) { $0.resource.rawValue }
    $0.text("used", "500m", "What is used.") { $0.used }
    $0.text("hard", "4", "What may be used.") { $0.hard }
    $0.integer("percent", 12, "The share, rounded down; over 100 below what runs.") { $0.percent }
  }

  static let project = Resource<ProjectMembership>(
    "Project", "A Kubernetes namespace with limits, guards and members."
  ) {
    $0.text("id", "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "Never given again.") {
      $0.project.id.rawValue
    }
    $0.text("name", "shop", "Its name, and its namespace's.") { $0.project.name }
    $0.text(
      "state", "ready", "Whether its namespace is there yet.",
      among: Project.State.allCases.map(\.rawValue)
    ) { $0.project.state.rawValue }
    $0.maybe(
      "role", "owner", "Your own role in it; null for who isn't a member.",
      among: ProjectRole.allCases.map(\.rawValue)
    ) { $0.role?.rawValue }
    $0.one("quota", quota, "What its pods may ask for.") { $0.project.quota }
    $0.text(
      "podSecurity", "baseline", "The Pod Security Standard that is enforced.",
      among: PodSecurityLevel.allCases.map(\.rawValue)
    ) { $0.project.podSecurity.rawValue }
    $0.integer("applications", 3, "How many applications it has.") { $0.applicationCount }
    $0.time("createdAt", "When it was made.") { $0.project.createdAt }
  }

  /// A project by itself, with what the cluster says about it.
  struct Detail: Sendable {
    let membership: ProjectMembership
    let usage: ProjectUsage
    let guards: IsolationReport?
  }

  static let detail = Resource<Detail>("ProjectDetail", "A project, and how it does.") {
    $0.one("project", project, "The project.") { $0.membership }
    $0.each("usage", quotaUse, "Use of its quota; empty before the cluster counted.") {
      $0.usage.quotas
    }
    $0.maybeOne("guards", guards, "Whether its guards are in place; null before the first look.") {
      $0.guards
    }
  }

  static let guards = Resource<IsolationReport>("Guards", "What keeps a project to itself.") {
    $0.flag("isWhole", "Whether no guard is missing.") { $0.isWhole }
    $0.time("checkedAt", "When it was looked at.") { $0.checkedAt }
    $0.each("checks", guardCheck, "Each guard.") { $0.checks }
  }

  private static let guardCheck = Resource<GuardCheck>(
    "GuardCheck", "What was found about a guard."
  ) {
    $0.text("guard", "quota", "Which one.") { "\($0.guard)" }
    $0.text(
      "verdict", "works", "What was found.", among: ["works", "missing", "unknown"]
    ) { check in
      switch check.verdict {
      case .works: "works"
      case .missing: "missing"
      case .unknown: "unknown"
      }
    }
    $0.maybe("why", "It was changed by hand.", "What is wrong, in a sentence.") { check in
      switch check.verdict {
      case .works: nil
      case .missing(let why), .unknown(let why): why
      }
    }
  }

  static let deleted = Resource<DeletedProject>(
    "DeletedProject", "A project that can be restored for some days."
  ) {
    $0.text("name", "shop", "Its name, which stays taken.") { $0.project.name }
    $0.time("deletedAt", "When it was deleted.") { $0.deletedAt }
    $0.text("deletedBy", "Ann", "Who deleted it; empty when they are gone.") { $0.deletedBy }
    $0.time("removedAt", "When it goes for good.") { $0.removedAt }
    $0.flag("isBeingRemoved", "Whether that has begun.") { $0.isBeingRemoved }
  }

  /// A quota as it is sent.
  static let quotaFields: [Schema.Field] = [
    .init(name: "cpu", schema: .text("4", length: 1...20), about: "The sum of CPU requests."),
    .init(
      name: "memory", schema: .text("8Gi", length: 1...20),
      about: "The sum of memory requests, and of memory limits."),
    .init(name: "pods", schema: .integer(50, 1...1_000), about: "The number of pods."),
    .init(
      name: "storage", schema: .text("50Gi", length: 1...20),
      about: "The sum of what volumes ask for; 0 for none."),
  ]
}

extension QuotaDraft {
  /// A quota of a body that fits ``ProjectResources/quotaFields``.
  init(_ json: JSON) {
    self.init(
      cpu: json["cpu"]?.string ?? "", memory: json["memory"]?.string ?? "",
      pods: json["pods"]?.int.map(String.init) ?? "", storage: json["storage"]?.string ?? "")
  }
}
