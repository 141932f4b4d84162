import Kubernetes

/// What an image name makes of its container.
enum ImageFate: Int, Sendable, Comparable {
  case healthy
  /// Ready only after 20 s.
  case slow
  /// Runs, but never gets ready.
  case notReady
  /// Listens on port 8080 only.
  case deaf
  /// Answers a GET with 503, except of `/healthz`.
  case unready
  /// Killed for its memory, again and again, unless it may have 1 GiB.
  case outOfMemory
  /// Exits with code 1, again and again.
  case crash
  /// Made for other processors.
  case otherArchitecture
  /// Runs as root, whatever the pod demands.
  case root
  /// Its registry can't be reached.
  case unreachable
  /// Its registry wants a login.
  case login
  /// Can't be pulled: nobody has it.
  case broken

  init(image: String) {
    let words: [(String, ImageFate)] = [
      ("broken", .broken), ("crash", .crash), ("oom", .outOfMemory), ("notready", .notReady),
      ("slow", .slow), ("unreachable", .unreachable), ("unready", .unready), ("deaf", .deaf),
    ]
    if let fate = words.first(where: { image.contains($0.0) })?.1 {
      self = fate
      return
    }
    // “search” has an “arch” in it, too: these count only as words.
    let parts = image.split { !$0.isLetter }
    self =
      parts.contains("private")
      ? .login
      : parts.contains("arch") ? .otherArchitecture : parts.contains("root") ? .root : .healthy
  }

  /// What becomes of a container: some fates depend on what it asks for.
  init(container: JSONValue, in pod: JSONValue) {
    let fate = ImageFate(image: container["image"]?.string ?? "")
    self = fate.isAverted(container, pod) ? .healthy : fate
  }

  static func < (left: ImageFate, right: ImageFate) -> Bool { left.rawValue < right.rawValue }

  private func isAverted(_ container: JSONValue, _ pod: JSONValue) -> Bool {
    switch self {
    case .login: !(pod.at("spec", "imagePullSecrets")?.array ?? []).isEmpty
    case .outOfMemory:
      (container.at("resources", "limits", "memory").flatMap { Quantity($0) }?.value ?? 0)
        >= 1 << 30
    case .root: !ContainerRefusal.forbidsRoot(container, pod)
    case .deaf, .unready: probeAnswer(container, address: "") == nil
    default: false
    }
  }

  /// What its readiness probe gets; nil when that is fine.
  func probeAnswer(_ container: JSONValue, address: String) -> String? {
    guard let probe = container["readinessProbe"] else { return nil }
    let isConnection = probe["tcpSocket"] != nil
    let port = Self.port((probe["httpGet"] ?? probe["tcpSocket"])?["port"], of: container)
    let path = probe.at("httpGet", "path")?.string ?? "/"
    switch self {
    case .deaf where isConnection && port != 8080:
      return "dial tcp \(address):\(port): connect: connection refused"
    case .deaf where probe["httpGet"] != nil && port != 8080:
      return "Get \"http://\(address):\(port)\(path)\": dial tcp \(address):\(port): connect: "
        + "connection refused"
    case .unready where probe["httpGet"] != nil && path != "/healthz":
      return "HTTP probe failed with statuscode: 503"
    case .unready where probe["exec"] != nil: return "not ready yet"
    default: return nil
    }
  }

  /// A port that a probe names by its number or its name.
  private static func port(_ port: JSONValue?, of container: JSONValue) -> Int {
    let named = (container["ports"]?.array ?? []).first { $0["name"] == port }
    return port?.int ?? named?["containerPort"]?.int ?? 0
  }

  /// Whether its container stops by itself.
  var exits: Bool { [.crash, .outOfMemory, .otherArchitecture].contains(self) }

  var isPullFailure: Bool { [.broken, .login, .unreachable].contains(self) }

  /// Whether the containers after it never start.
  var keepsFromStarting: Bool { exits || isPullFailure }

  var exitCode: Int64 {
    switch self {
    case .outOfMemory: 137
    case .otherArchitecture: 255
    default: 1
    }
  }

  var exitReason: String { self == .outOfMemory ? "OOMKilled" : "Error" }

  /// What it writes before it stops.
  var lastLine: String {
    switch self {
    case .outOfMemory: "fatal: out of memory"
    case .otherArchitecture: "exec /docker-entrypoint.sh: exec format error"
    default: "fatal: could not start: configuration is missing"
    }
  }

  /// What the container runtime says about a pull that fails.
  func pullError(_ image: String) -> String {
    let registry = image.split(separator: "/").first.map(String.init) ?? image
    let host = registry.contains(".") ? registry : "registry-1.docker.io"
    let start =
      "failed to pull and unpack image \"\(image)\": failed to resolve reference \"\(image)\": "
    switch self {
    case .login:
      return start + "failed to authorize: failed to fetch oauth token: unexpected status from GET "
        + "request to https://\(host)/token: 401 Unauthorized"
    case .unreachable:
      return start
        + "failed to do request: Head \"https://\(host)/v2/\": dial tcp: lookup \(host): "
        + "no such host"
    default:
      return start + "pull access denied, repository does not exist or may require authorization"
    }
  }
}
