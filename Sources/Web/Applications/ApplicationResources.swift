import Domain

/// Applications as the API tells them.
enum ApplicationResources {
  static let replicas = Resource<(ready: Int, wanted: Int?)>("Replicas", "How many pods there are.")
  {
    $0.integer("ready", 2, "Those that take traffic.") { $0.ready }
    $0.maybeInteger("wanted", 2, "Those wanted; null while the cluster has nothing of it.") {
      $0.wanted
    }
  }

  static let healths = Health.allCases.map(\.rawValue)

  static let overview = Resource<ApplicationOverview>("Application", "A line of a list.") {
    $0.text("name", "web", "Its name in the project.") { $0.application.name }
    $0.text("image", "nginx:1.27", "The image, as it was typed.") { $0.application.image }
    $0.text("health", "healthy", "How it does.", among: healths) { $0.health.rawValue }
    $0.one("replicas", replicas, "How many pods it has.") { ($0.ready, $0.desired) }
    $0.integer("release", 7, "The number of its newest release.") { $0.application.releaseNumber }
    $0.time("updatedAt", "When that was made.") { $0.application.updatedAt }
  }

  /// An application by itself.
  struct Detail: Sendable {
    let detail: ApplicationDetail
    let diagnosis: Diagnosis?

    var application: Application { detail.application }
    var status: ApplicationStatus { detail.status }
  }

  static let detail = Resource<Detail>(
    "ApplicationDetail", "An application: what it is to be, and what it is."
  ) {
    $0.text("id", "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "Never given again.") {
      $0.application.id.rawValue
    }
    $0.text("name", "web", "Its name in the project.") { $0.application.name }
    $0.text("project", "shop", "Its project.") { $0.detail.membership.project.name }
    $0.text("image", "nginx:1.27", "The image, as it was typed.") { $0.application.spec.image.text }
    $0.text("health", "healthy", "How it does.", among: healths) { $0.status.health.rawValue }
    $0.one("replicas", replicas, "How many pods it has.") { ($0.status.ready, $0.status.desired) }
    $0.integer("release", 7, "The number of its newest release.") { $0.application.releaseNumber }
    $0.time("createdAt", "When it was first deployed.") { $0.application.createdAt }
    $0.time("updatedAt", "When it was last deployed.") { $0.application.updatedAt }
    $0.flag("isStopped", "Whether it was stopped on purpose.") { $0.application.spec.isStopped }
    $0.flag("isPaused", "Whether its rollout is paused.") { $0.status.isPaused }
    $0.raw("specification", SpecificationSchema.schema, "What it is to be.") {
      JSON.specification($0.application.spec)
    }
    $0.each("addresses", address, "The ways to reach it.") { $0.detail.addresses }
    $0.each("pods", pod, "Its pods, by name.") { $0.status.pods }
    $0.maybeOne("diagnosis", diagnosis, "What is wrong; null when nothing is known to be.") {
      $0.diagnosis
    }
  }

  static let address = Resource<ApplicationAddress>("Address", "A way to reach an application.") {
    $0.text(
      "reach", "cluster", "From where.", among: ApplicationAddress.Reach.allCases.map(\.rawValue)
    ) { $0.reach.rawValue }
    $0.text("text", "http://web.shop.svc:80", "As people copy it.") { $0.text }
    $0.text("host", "web.shop.svc", "The host's name or address.") { $0.host }
    $0.integer("port", 80, "The port.") { $0.port }
    $0.flag("isEncrypted", "Whether it speaks TLS.") { $0.isEncrypted }
  }

  static let pod = Resource<PodStatus>("Pod", "A pod of an application.") {
    $0.text("name", "web-6d9c8b7f5-x2x4x", "Its name.") { $0.name }
    $0.text("stage", "ready", "How far it is.", among: stages) { $0.stage.word }
    $0.maybe("reason", "CrashLoopBackOff", "Kubernetes' word for why it fails.") {
      if case .failing(let reason) = $0.stage { reason } else { nil }
    }
    $0.text("message", "", "What Kubernetes says about that; mostly empty.") { $0.message }
    $0.integer("restarts", 0, "How often its containers were started anew.") { $0.restarts }
    $0.text("node", "node-1", "The node it is on; empty before it has one.") { $0.node }
    $0.text("image", "nginx:1.27", "The image that it runs.") { $0.image }
    $0.maybeTime("createdAt", "When it was made.") { $0.createdAt }
    $0.maybeInteger("lastExitCode", 1, "Of the run before; null without one.") { $0.lastExitCode }
  }

  static let stages = [
    "unscheduled", "starting", "running", "ready", "failing", "finished", "terminating",
  ]

  static let diagnosis = Resource<Diagnosis>(
    "Diagnosis", "Why an application isn't healthy, in plain words."
  ) {
    $0.text("id", "image-not-found", "The rule that found it (docs/diagnosis.md).") { $0.id }
    $0.text("title", "There is no image “nginx:1.99”.", "What is wrong.") { $0.sentence }
    $0.text("evidence", "manifest unknown", "What Kubernetes said.") { $0.evidence }
    $0.text("advice", "Check the tag.", "What to do.") { $0.advice }
    $0.maybe("field", "image", "The field of the deploy form that cures it.") { $0.field?.rawValue }
    $0.texts("lastLines", "Error: no configuration", "What its program wrote last.") {
      $0.lastLines
    }
  }

  static let deleted = Resource<DeletedApplication>(
    "DeletedApplication", "An application that can be restored for some days."
  ) {
    $0.text("name", "web", "Its name, which stays taken.") { $0.name }
    $0.time("deletedAt", "When it was deleted.") { $0.deletedAt }
    $0.text("deletedBy", "Ann", "Who deleted it; empty when they are gone.") { $0.deletedBy }
    $0.time("removedAt", "When it goes for good.") { $0.removedAt }
    $0.flag("removesVolumes", "Whether its volumes go too.") { $0.removesVolumes }
    $0.flag("isBeingRemoved", "Whether that has begun.") { $0.isBeingRemoved }
  }
}

extension PodStatus.Stage {
  /// As programs read it.
  var word: String {
    switch self {
    case .unscheduled: "unscheduled"
    case .starting: "starting"
    case .running: "running"
    case .ready: "ready"
    case .failing: "failing"
    case .finished: "finished"
    case .terminating: "terminating"
    }
  }
}

extension ApplicationDetail {
  /// Changes with every release.
  var etag: String { "\"\(application.id.rawValue.prefix(8))-\(application.releaseNumber)\"" }
}

extension JSON {
  static func specification(_ spec: ApplicationSpec) -> JSON {
    (try? JSON(parsing: SpecificationFile.bytes(of: spec))) ?? .null
  }
}
