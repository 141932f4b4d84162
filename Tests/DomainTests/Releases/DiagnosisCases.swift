import Kubernetes
import Testing

@testable import Domain

/// One cause as the cluster shows it, and what people shall read about it. The
/// messages are those of kubelets, schedulers and controllers, word for word.
struct DiagnosisCase: Sendable, CustomTestStringConvertible {
  let id: String
  let sentence: String
  let field: Diagnosis.Field?
  var evidence: String
  var lastLines: [String] = []
  let change: @Sendable (inout LiveApplication) -> Void

  var testDescription: String { "\(id): \(evidence.prefix(60))" }

  /// One replica of two serves; the other is as `change` makes it.
  func status() throws -> ApplicationStatus {
    var live = LiveApplication()
    live.available = 1
    live.ready = 1
    change(&live)
    return try live.status()
  }

  // MARK: How a cause shows

  /// A container that waits for a reason.
  static func waiting(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field?, _ reason: String,
    _ message: String, last: JSONValue = [:], event: (String, String)? = nil
  ) -> DiagnosisCase {
    DiagnosisCase(id: id, sentence: sentence, field: field, evidence: message) { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting(reason, message)
      live.pods[1].lastState = last
      if let event { live.warnings = [("web-1-b", event.0, event.1)] }
    }
  }

  /// An image that can't be pulled.
  static func pull(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field, _ error: String
  ) -> DiagnosisCase {
    waiting(
      id, sentence, field, "ImagePullBackOff",
      "Back-off pulling image \"nginx:1.27\": ErrImagePull: failed to pull and unpack image "
        + "\"docker.io/library/nginx:1.27\": \(error)")
  }

  /// A pod that the API server refuses.
  static func refused(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field?, _ message: String
  ) -> DiagnosisCase {
    DiagnosisCase(id: id, sentence: sentence, field: field, evidence: message) { live in
      live.conditions.append(("ReplicaFailure", "True", "FailedCreate", message))
      live.pods.removeLast()
    }
  }

  /// A pod without a node.
  static func unplaced(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field?, _ message: String
  ) -> DiagnosisCase {
    DiagnosisCase(id: id, sentence: sentence, field: field, evidence: message) { live in
      live.pods[1] = LivePod("web-1-b") { pod in
        pod.phase = "Pending"
        pod.node = ""
        pod.state = nil
        pod.isReady = false
        pod.unschedulable = message
      }
    }
  }

  /// A pod whose volumes don't come.
  static func unmounted(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field?, _ reason: String,
    _ message: String
  ) -> DiagnosisCase {
    DiagnosisCase(id: id, sentence: sentence, field: field, evidence: message) { live in
      live.pods[1].phase = "Pending"
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("ContainerCreating")
      live.warnings = [("web-1-b", reason, message)]
    }
  }

  /// A replica that runs and fails its check.
  static func unhealthy(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field, _ message: String
  ) -> DiagnosisCase {
    DiagnosisCase(id: id, sentence: sentence, field: field, evidence: message) { live in
      live.pods[1].isReady = false
      live.warnings = [("web-1-b", "Unhealthy", message), ("web-1-b", "BackOff", "later")]
    }
  }

  /// Something that isn't about one pod.
  static func around(
    _ id: String, _ sentence: String, _ field: Diagnosis.Field?, _ evidence: String,
    _ change: @escaping @Sendable (inout LiveApplication) -> Void
  ) -> DiagnosisCase {
    DiagnosisCase(id: id, sentence: sentence, field: field, evidence: evidence, change: change)
  }

  static let all: [DiagnosisCase] =
    refusals + images + containers + ends + placements + probes + surroundings
}

// MARK: Pods that may not be made, and images

extension DiagnosisCase {
  private static let refusals: [DiagnosisCase] = [
    .refused(
      "quota",
      "The project's quota has no room for another replica: it is short of requested CPU.",
      .cpuRequest,
      "pods \"big-7b46b9b968-2tm5p\" is forbidden: exceeded quota: project, requested: "
        + "requests.cpu=100m, used: requests.cpu=200m, limited: requests.cpu=250m"),
    .refused(
      "quota",
      "The project's quota has no room for another replica: it is short of pods and memory limits.",
      .replicas,
      "pods \"web-7b46b9b968-2tm5p\" is forbidden: exceeded quota: project, requested: "
        + "pods=1,limits.memory=1Gi, used: pods=5,limits.memory=5Gi, limited: pods=5,"
        + "limits.memory=5Gi"),
    .refused(
      "quota-needs-sizes", "The project's quota counts something that the replicas don't state.",
      .cpuLimit,
      "pods \"web-7b46b9b968-2tm5p\" is forbidden: failed quota: project: must specify limits.cpu "
        + "for: app"),
    .refused(
      "limit-range", "The project's limits don't allow a replica of this size.", .memoryLimit,
      "pods \"p\" is forbidden: maximum memory usage per Container is 256Mi, but limit is 1Gi"),
    .refused(
      "limit-range", "The project's limits don't allow a replica of this size.", .cpuRequest,
      "pods \"p\" is forbidden: minimum cpu usage per Container is 50m, but request is 10m"),
    .refused(
      "pod-security", "The project's Pod Security level forbids these pods.", nil,
      "pods \"priv-8494677c9-vbrhj\" is forbidden: violates PodSecurity \"restricted:latest\": "
        + "privileged (container \"app\" must not set securityContext.privileged=true)"),
    .refused(
      "pod-security", "The project's Pod Security level forbids these pods.", .userID,
      "pods \"web-8494677c9-vbrhj\" is forbidden: violates PodSecurity \"restricted:latest\": "
        + "runAsNonRoot != true (pod or container \"app\" must set "
        + "securityContext.runAsNonRoot=true)"),
    .refused(
      "service-account-missing",
      "The project's service account is missing, so no pod can be made.", nil,
      "pods \"web-7b46b9b968-2tm5p\" is forbidden: error looking up service account shop/project: "
        + "serviceaccount \"project\" not found"),
    .refused(
      "admission-refused", "A policy of the cluster forbids these pods.", nil,
      "admission webhook \"validate.kyverno.svc-fail\" denied the request: images must be signed"),
    .refused(
      "unknown", "We don't know this one. Kubernetes says:", nil, "the API server was in a mood"),
  ]

  private static let images: [DiagnosisCase] = [
    .waiting(
      "image-name", "“nginx:1.27” isn't the name of an image.", .image, "InvalidImageName",
      "Failed to apply default image tag \"nginx:1.27:\": couldn't parse image name"),
    .pull(
      "image-not-found", "The image “nginx:1.27” can't be pulled: its registry doesn't have it.",
      .image,
      "failed to resolve reference \"docker.io/library/nginx:1.27\": "
        + "docker.io/library/nginx:1.27: not found"),
    .pull(
      "image-not-found",
      "The image “nginx:1.27” can't be pulled: its registry doesn't have it, or shows it only after "
        + "a login.", .image,
      "failed to resolve reference \"docker.io/team/nginx:1.27\": pull access denied, repository "
        + "does not exist or may require authorization: server message: insufficient_scope: "
        + "authorization failed"),
    .pull(
      "registry-login", "The registry of the image “nginx:1.27” asks for a login.", .registryUser,
      "failed to resolve reference \"ghcr.io/team/nginx:1.27\": failed to authorize: failed to "
        + "fetch anonymous token: unexpected status from GET request to https://ghcr.io/token"
        + "?scope=repository%3Ateam%2Fnginx%3Apull&service=ghcr.io: 401 Unauthorized"),
    .pull(
      "registry-unreachable",
      "The registry of the image “nginx:1.27” can't be reached from the cluster.", .image,
      "failed to resolve reference \"registry.example.com/nginx:1.27\": failed to do request: Head "
        + "\"https://registry.example.com/v2/nginx/manifests/1.27\": dial tcp: lookup "
        + "registry.example.com on 10.96.0.10:53: no such host"),
    .pull(
      "registry-unreachable",
      "The registry of the image “nginx:1.27” can't be reached from the cluster.", .image,
      "failed to do request: Head \"https://registry.example.com/v2/\": tls: failed to verify "
        + "certificate: x509: certificate signed by unknown authority"),
    .pull(
      "registry-rate-limit", "The registry lets this cluster pull no more images for a while.",
      .registryUser,
      "failed to copy: httpReadSeeker: failed open: unexpected status code "
        + "https://registry-1.docker.io/v2/library/nginx/manifests/sha256:0: 429 Too Many Requests "
        + "- Server message: toomanyrequests: You have reached your unauthenticated pull rate limit."
    ),
    .pull(
      "image-architecture",
      "The image “nginx:1.27” isn't made for the processors of this cluster.", .image,
      "no match for platform in manifest: not found"),
    .waiting(
      "image-pull", "The image “nginx:1.27” can't be pulled.", .image, "ImagePullBackOff",
      "Back-off pulling image \"nginx:1.27\""),
    .around(
      "init-container",
      "What must run before the program, the container “migrate”, fails with exit code 2.", nil,
      "back-off 40s restarting failed container=migrate pod=web-1-b_shop"
    ) { live in
      live.pods[1].phase = "Pending"
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("PodInitializing")
      live.pods[1].beforehand = LivePod.waiting(
        "CrashLoopBackOff", "back-off 40s restarting failed container=migrate pod=web-1-b_shop")
      live.pods[1].lastState = LivePod.ended(2, "Error")
    },
  ]
}

// MARK: Containers

extension DiagnosisCase {
  private static let containers: [DiagnosisCase] = [
    .waiting(
      "runs-as-root", "The image runs as root, which this project forbids.", .userID,
      "CreateContainerConfigError",
      "container has runAsNonRoot and image will run as root (pod: \"web-1-b_shop(uid)\", "
        + "container: app)"),
    .waiting(
      "runs-as-root", "The image runs as root, which this project forbids.", .userID,
      "CreateContainerConfigError",
      "container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is "
        + "non-root (pod: \"web-1-b_shop(uid)\", container: app)"),
    .waiting(
      "configuration-missing", "The container can't be made: a Secret that it needs is missing.",
      .secrets, "CreateContainerConfigError", "secret \"database\" not found"),
    .waiting(
      "configuration-missing",
      "The container can't be made: a Secret that it needs has no such key.", .secrets,
      "CreateContainerConfigError", "couldn't find key password in Secret shop/database"),
    .waiting(
      "configuration-missing",
      "The container can't be made: a ConfigMap that it needs is missing.", .files,
      "CreateContainerConfigError", "configmap \"settings\" not found"),
    .unmounted(
      "configuration-missing",
      "The container can't be made: a ConfigMap that it needs is missing.", .files, "FailedMount",
      "MountVolume.SetUp failed for volume \"files\" : configmap \"web-abc\" not found"),
    .unmounted(
      "configuration-missing", "The container can't be made: a Secret that it needs is missing.",
      .secretValues, "FailedMount",
      "MountVolume.SetUp failed for volume \"secrets\" : secret \"web-abc\" not found"),
    .waiting(
      "configuration-wrong", "The container can't be made: its configuration isn't right.", nil,
      "CreateContainerConfigError",
      "failed to prepare subPath for volumeMount \"files\" of container \"app\""),
    .waiting(
      "command-not-found", "The program that the container shall run can't be started.", .command,
      "RunContainerError",
      "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        + "runc create failed: unable to start container process: error during container init: "
        + "exec: \"serve\": executable file not found in $PATH"),
    .around(
      "command-not-found", "The program that the container shall run can't be started.", .command,
      "exec: \"/app/serve\": stat /app/serve: no such file or directory"
    ) { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("CrashLoopBackOff")
      live.pods[1].lastState = LivePod.ended(
        128, "StartError", "exec: \"/app/serve\": stat /app/serve: no such file or directory")
    },
  ]

  private static let ends: [DiagnosisCase] = [
    .waiting(
      "out-of-memory", "The program used more memory than its limit and was ended.", .memoryLimit,
      "CrashLoopBackOff", "back-off 10s restarting failed container=app pod=web-1-b_shop(uid)",
      last: LivePod.ended(137, "OOMKilled")),
    .around(
      "out-of-memory", "The program used more memory than its limit and was ended.", .memoryLimit,
      "web-1-b: OOMKilled"
    ) { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.ended(137, "OOMKilled")
    },
    .waiting(
      "crash-loop", "The program in the container starts and ends again with exit code 3.",
      .environment, "CrashLoopBackOff",
      "back-off 20s restarting failed container=app pod=web-1-b_shop(uid)",
      last: LivePod.ended(3, "Error")),
    .waiting(
      "program-ends", "The program in the container ends by itself, without an error.", .command,
      "CrashLoopBackOff", "back-off 20s restarting failed container=app pod=web-1-b_shop(uid)",
      last: LivePod.ended(0, "Completed")),
    DiagnosisCase(
      id: "program-architecture",
      sentence: "The image “nginx:1.27” isn't made for the processors of this cluster.",
      field: .image, evidence: "exec /docker-entrypoint.sh: exec format error",
      lastLines: ["exec /docker-entrypoint.sh: exec format error"]
    ) { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("CrashLoopBackOff", "back-off 10s")
      live.pods[1].lastState = LivePod.ended(255, "Error")
    },
    restarted(
      .restartsUnhealthy,
      "Liveness probe failed: Get \"http://10.1.0.1:80/\": context deadline exceeded"),
    restarted(.startSeconds, "Startup probe failed: dial tcp 10.1.0.1:80: connect: refused"),
    .around(
      "evicted", "A node ran short of something and ended a replica.", .memoryRequest,
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi."
    ) { live in
      live.pods[1].phase = "Failed"
      live.pods[1].reason = "Evicted"
      live.pods[1].message =
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi."
      live.pods[1].isReady = false
      live.pods[1].state = nil
    },
    .waiting(
      "unknown", "We don't know this one. Kubernetes says:", nil, "SomethingNew",
      "a word from the future"),
  ]

  /// A program that is ended because its check fails.
  private static func restarted(_ field: Diagnosis.Field, _ message: String) -> DiagnosisCase {
    .around(
      "probe-restarts", "The program fails its health check, so it is ended and started again.",
      field, message
    ) { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("CrashLoopBackOff", "back-off 10s")
      live.pods[1].lastState = LivePod.ended(137, "Error")
      live.warnings = [("web-1-b", "Unhealthy", message)]
    }
  }
}
