import Domain

/// Plans, releases and rollouts as the API tells them.
enum ReleaseResources {
  static let states = Release.State.allCases.map(\.rawValue)

  /// What a deploy is answered with.
  struct Accepted: Sendable {
    let release: Release
    let application: String
    let project: String
  }

  static let accepted = Resource<Accepted>("AcceptedRelease", "A release that is on its way.") {
    $0.integer("release", 8, "Its number.") { $0.release.number }
    $0.text("application", "web", "Its application.") { $0.application }
    $0.text("project", "shop", "Its project.") { $0.project }
    $0.text("state", "queued", "How far it is.", among: states) { $0.release.state.rawValue }
    $0.text("message", "Scaled to 3", "Why, in the author's words.") { $0.release.message }
    $0.time("createdAt", "When it was made.") { $0.release.createdAt }
  }

  static let summary = Resource<ReleaseSummary>("Release", "One deploy of an application.") {
    $0.integer("number", 7, "From 1, without gaps.") { $0.number }
    $0.text("state", "succeeded", "How far it is.", among: states) { $0.state.rawValue }
    $0.flag("isFinished", "Whether nothing more happens to it.") { $0.state.isFinal }
    $0.text("image", "nginx:1.27", "The image, as it was typed.") { $0.image }
    $0.text("author", "Ann", "Who made it; empty when they are gone.") { $0.authorName }
    $0.text("message", "More room", "Why, in the author's words.") { $0.message }
    $0.text("outcome", "", "Why it ended as it did; empty while it runs.") { $0.outcome }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.maybeTime("finishedAt", "When it ended.") { $0.finishedAt }
  }

  static let detail = Resource<Release>(
    "ReleaseDetail", "A release, with what it deployed."
  ) {
    $0.integer("number", 7, "From 1, without gaps.") { $0.number }
    $0.text("state", "succeeded", "How far it is.", among: states) { $0.state.rawValue }
    $0.flag("isFinished", "Whether nothing more happens to it.") { $0.state.isFinal }
    $0.text("image", "nginx:1.27", "The image, as it was typed.") { $0.spec.image.text }
    $0.maybe("imageDigest", "sha256:0f1e", "What its pods ran; null when no node told.") {
      $0.imageDigest
    }
    $0.text("author", "Ann", "Who made it; empty when they are gone.") { $0.authorName }
    $0.text("message", "More room", "Why, in the author's words.") { $0.message }
    $0.text("outcome", "", "Why it ended as it did; empty while it runs.") { $0.outcome }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.maybeTime("finishedAt", "When it ended.") { $0.finishedAt }
    $0.raw("specification", SpecificationSchema.schema, "What was to be.") {
      JSON.specification($0.spec)
    }
    $0.each("manifests", manifest, "What was applied, in its order.") { $0.manifests }
  }

  static let manifest = Resource<ReleaseManifest>("Manifest", "One Kubernetes object.") {
    $0.text("kind", "Deployment", "Its kind.") { $0.kind }
    $0.text("name", "web", "Its name.") { $0.name }
    $0.text("yaml", "apiVersion: apps/v1\n", "The whole of it; secret values are left out.") {
      $0.yaml
    }
  }

  /// How far a release is.
  struct Progress: Sendable {
    let release: ReleaseSummary
    /// nil for one that isn't the newest any more.
    let live: RolloutProgress?
    let diagnosis: Diagnosis?
  }

  static let rollout = Resource<Progress>("Rollout", "How far a release is on the cluster.") {
    $0.integer("release", 7, "Its number.") { $0.release.number }
    $0.text("state", "rollingOut", "How far it is.", among: states) { $0.release.state.rawValue }
    $0.flag("isFinished", "Whether nothing more happens to it.") { $0.release.state.isFinal }
    $0.text("outcome", "", "Why it ended as it did; empty while it runs.") { $0.release.outcome }
    $0.one("replicas", replicas, "How many pods there are.") { $0.live }
    $0.each("pods", pod, "Its pods and those before.") { progress in
      guard let live = progress.live else { return [] }
      return live.new.map { ($0, true) } + live.old.map { ($0, false) }
    }
    $0.maybe("warning", "Pod web-7d9: No node has room.", "What Kubernetes warned of last.") {
      $0.live?.event.map { "\($0.object): \($0.sentence)" }
    }
    $0.maybeOne("diagnosis", ApplicationResources.diagnosis, "What keeps it from getting through.")
    {
      $0.diagnosis
    }
  }

  private static let replicas = Resource<RolloutProgress?>(
    "RolloutReplicas", "How many pods there are; none for a release that isn't the newest."
  ) {
    $0.integer("wanted", 2, "Pods wanted.") { $0?.wanted ?? 0 }
    $0.integer("new", 1, "Pods of this release.") { $0?.new.count ?? 0 }
    $0.integer("ready", 1, "Those of them that take traffic.") { $0?.newReady ?? 0 }
    $0.integer("old", 2, "Pods of releases before.") { $0?.old.count ?? 0 }
    $0.integer("oldReady", 2, "Those of them that take traffic.") { $0?.oldReady ?? 0 }
  }

  private static let pod = Resource<(PodStatus, Bool)>("RolloutPod", "A pod during a rollout.") {
    $0.text("name", "web-6d9c8b7f5-x2x4x", "Its name.") { $0.0.name }
    $0.flag("isNew", "Whether it is of this release.") { $0.1 }
    $0.text("stage", "starting", "How far it is.", among: ApplicationResources.stages) {
      $0.0.stage.word
    }
    $0.maybe("reason", "CrashLoopBackOff", "Kubernetes' word for why it fails.") {
      if case .failing(let reason) = $0.0.stage { reason } else { nil }
    }
    $0.integer("restarts", 0, "How often its containers were started anew.") { $0.0.restarts }
  }

  static let plan = Resource<Plan>("Plan", "What a deploy would do, as the cluster answered it.") {
    $0.text("hash", "5f1d", "Stands for exactly this; `planHash` confirms it.") { $0.hash }
    $0.integer("release", 8, "The number that the release would get.") { $0.releaseNumber }
    $0.flag("isFirst", "Whether the application is new.") { $0.isFirst }
    $0.flag("isEmpty", "Whether nothing on the cluster would change.") { $0.isEmpty }
    $0.each("items", step, "Each object.") { $0.steps }
    $0.texts("warnings", "These pods may run as root.", "What to know before.") { $0.warnings }
    $0.each("quota", quotaLine, "What it comes to.") { $0.quota }
  }

  private static let step = Resource<Plan.Step>("PlanItem", "What happens to one object.") {
    $0.text("kind", "Deployment", "Its kind.") { $0.kind }
    $0.text("name", "web", "Its name.") { $0.name }
    $0.text(
      "action", "change", "What happens to it.", among: ["create", "change", "nothing", "delete"]
    ) { step in
      switch step.action {
      case .create: "create"
      case .change: "change"
      case .nothing: "nothing"
      case .delete: "delete"
      }
    }
    $0.each("changes", change, "Field by field, for a change.") { step in
      if case .change(let changes) = step.action { changes } else { [] }
    }
  }

  private static let change = Resource<FieldChange>("FieldChange", "A field that changes.") {
    $0.text("path", "spec.replicas", "Where it is.") { $0.path }
    $0.maybe("old", "2", "What it is; null when it isn't there.") { $0.old }
    $0.maybe("new", "3", "What it becomes; null when it goes.") { $0.new }
  }

  private static let quotaLine = Resource<Plan.QuotaLine>("PlanQuota", "A line of the quota.") {
    $0.text("resource", "requests.cpu", "What is counted.") { $0.resource.rawValue }
    $0.text("used", "500m", "What the whole project uses.") { $0.used }
    $0.text("needed", "300m", "What this can need while it rolls out.") { $0.needed }
    $0.text("hard", "4", "What may be used.") { $0.hard }
    $0.flag("fits", "Whether it fits.") { $0.fits }
    $0.text("detail", "500m + 300m of 4 CPUs.", "The arithmetic as a sentence.") { $0.sentence }
  }
}

extension APIAnswer {
  /// A release that is on its way.
  static func accepted(
    _ release: Release, of application: String, in project: String
  ) -> APIAnswer {
    .accepted(
      ReleaseResources.accepted.json(
        .init(release: release, application: application, project: project)),
      at: APICall.path(
        "projects", project, "applications", application, "releases", "\(release.number)"))
  }
}
