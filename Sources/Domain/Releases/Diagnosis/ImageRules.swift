// Images that don't come. The texts are those of containerd and CRI-O and of the
// registries behind them, as a kubelet passes them on.
extension DiagnosisRule {
  static let ofImage: [DiagnosisRule] = [
    DiagnosisRule(
      "init-container",
      { finding in
        let code = finding.pod?.lastExitCode.map { " with exit code \($0)" } ?? ""
        let name = finding.pod?.container ?? ""
        return "What must run before the program, the container “\(name)”, fails\(code)."
      },
      advice: { _ in
        "BabyHelm's form makes no such container: ask who added it. Its own log says why."
      },
      field: { _ in nil }
    ) { examination in
      examination.firstFailing { pod, reason in pod.failsBeforehand ? pod.evidence(reason) : nil }
    },
    pull(
      .badName, "image-name", { "“\($0.image)” isn't the name of an image." },
      advice: "Write it as registry/name:tag, for example docker.io/library/nginx:1.27.",
      field: .image),
    pull(
      .otherArchitecture, "image-architecture",
      { "The image “\($0.image)” isn't made for the processors of this cluster." },
      advice: otherArchitecture, field: .image),
    pull(
      .tooMany, "registry-rate-limit",
      { _ in "The registry lets this cluster pull no more images for a while." },
      advice: "Wait, or give a login: registries allow more to those they know.",
      field: .registryUser),
    pull(
      .unreachable, "registry-unreachable",
      { "The registry of the image “\($0.image)” can't be reached from the cluster." },
      advice: "Check the registry's name in the image. If it is right, ask an admin whether the "
        + "cluster's nodes reach the registry and trust its certificate.", field: .image),
    pull(
      .login, "registry-login", { "The registry of the image “\($0.image)” asks for a login." },
      advice: "Give a user and a password or token that may read this image; if they are given "
        + "already, the registry doesn't accept them.", field: .registryUser),
    pull(
      .notFound, "image-not-found",
      { finding in
        "The image “\(finding.image)” can't be pulled: its registry doesn't have it"
          + (finding.text.mentions("may require") ? ", or shows it only after a login." : ".")
      },
      advice: "Check its name and tag. If the image is private, give the registry's login.",
      field: .image),
    pull(
      .unclear, "image-pull", { "The image “\($0.image)” can't be pulled." },
      advice: "Check its name and tag, and that the registry lets this cluster read it.",
      field: .image),
  ]

  static let otherArchitecture =
    "Use an image for the architecture of the nodes, or build it for several: "
    + "docker buildx build --platform linux/amd64,linux/arm64."

  private static func pull(
    _ cause: PullFailure, _ id: String, _ sentence: @escaping @Sendable (Finding) -> String,
    advice: String, field: Diagnosis.Field
  ) -> DiagnosisRule {
    DiagnosisRule(id, sentence, advice: { _ in advice }, field: { _ in field }) { examination in
      examination.firstFailing { pod, reason in
        guard PullFailure.reasons.contains(reason) else { return nil }
        let text = examination.pullText(of: pod, reason)
        return PullFailure(reason, text, image: pod.image) == cause ? text : nil
      }
    }
  }
}

/// Why an image can't be pulled.
enum PullFailure: Sendable {
  case badName, otherArchitecture, tooMany, unreachable, login, notFound, unclear

  /// Kubernetes' words for a container whose image isn't there.
  static let reasons: Set<String> = [
    "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
    "ImageInspectError", "RegistryUnavailable",
  ]

  init(_ reason: String, _ text: String, image: String) {
    // A name may hold any of the words looked for.
    let text = image.isEmpty ? text : text.replacing(image, with: "")
    self =
      if reason == "InvalidImageName" {
        .badName
      } else if text.mentions("no match for platform", "no matching manifest", "exec format") {
        .otherArchitecture
      } else if text.mentions("toomanyrequests", "too many requests", "rate limit") {
        .tooMany
      } else if reason == "RegistryUnavailable" || Self.tellsOfTheWay(text) {
        .unreachable
      } else if text.mentions("repository does not exist or may require") {
        .notFound
      } else if text.mentions(
        "401", "403", "unauthorized", "authentication required", "no basic auth", "denied",
        "failed to authorize", "authorization failed", "forbidden")
      {
        .login
      } else if text.mentions("not found", "manifest unknown", "name unknown", "does not exist") {
        .notFound
      } else {
        .unclear
      }
  }

  private static func tellsOfTheWay(_ text: String) -> Bool {
    text.mentions(
      "no such host", "dial tcp", "connection refused", "i/o timeout", "tls handshake", "x509",
      "server gave http response", "server misbehaving", "network is unreachable",
      "no route to host", "connection reset", "deadline exceeded", "502 bad gateway",
      "503 service unavailable", "504 gateway", "500 internal server error")
  }
}

extension Examination {
  /// What is said about a pull. While the kubelet waits before it tries again,
  /// it may say no more than that; its event then tells the reason.
  fileprivate func pullText(of pod: PodStatus, _ reason: String) -> String {
    let saysNothing =
      pod.message.isEmpty
      || pod.message.hasPrefix("Back-off pulling image")
        && (pod.message.hasSuffix("ErrImagePull") || pod.message.hasSuffix("\""))
    if saysNothing, let told = warning("Failed", about: pod, with: "Failed to pull image") {
      return told
    }
    return pod.evidence(reason)
  }
}
