internal import Crypto

/// What the Deployment's template shows.
struct DeploymentManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  /// nil when an autoscaler owns the number.
  let replicas: Int?
  let progressDeadlineSeconds: Int
  /// nil when all pods stop before new ones start.
  let rolling: RollingUpdateManifest?
  let image: String
  let pullSecret: String?
  let command: [String]
  let arguments: [String]
  let ports: [PortManifest]
  let readiness: ProbeManifest?
  let liveness: ProbeManifest?
  let startup: ProbeManifest?
  let environment: [ApplicationSpec.EnvironmentVariable]
  let secrets: [ApplicationSpec.SecretVariable]
  let resources: ApplicationSpec.Resources
  /// Whether the pods must pass the Pod Security level `restricted`.
  let isRestricted: Bool
  let userID: Int?
  /// The ConfigMap with the files; nil when there are none.
  let filesName: String?
  /// Makes new pods when a file or a Secret changes.
  let configChecksum: String?
  /// When somebody asked for new pods (RFC 3339), as kubectl says it too.
  let restartedAt: String?
  let files: [FileManifest]
  /// The Secret with the files whose content is secret; nil when there are none.
  let secretFilesName: String?
  let secretFiles: [SecretFileManifest]
  let volumes: [VolumeManifest]

  var hasPodAnnotations: Bool { configChecksum != nil || restartedAt != nil }
  var hasCommand: Bool { !command.isEmpty }
  var hasArguments: Bool { !arguments.isEmpty }
  var hasPorts: Bool { !ports.isEmpty }
  var hasEnvironment: Bool { !environment.isEmpty || !secrets.isEmpty }
  var hasMounts: Bool { !files.isEmpty || !secretFiles.isEmpty || !volumes.isEmpty }
}

struct SecretFileManifest {
  let key: String
  let path: String
}

struct VolumeManifest {
  let name: String
  let path: String
  let claim: String

  /// Its name in the pod; `files` is taken.
  var podName: String { "data-\(name)" }
}

/// `maxSurge` and `maxUnavailable`, each a number or a percentage: as text, a
/// number would be refused.
struct RollingUpdateManifest {
  let surge: String
  let unavailable: String

  var surgeCount: Int? { Int(surge) }
  var unavailableCount: Int? { Int(unavailable) }
}

/// One probe of a container (Kubernetes API, Probe).
struct ProbeManifest {
  struct HTTPGet {
    let path: String
    let port: String
  }

  /// The name of the port that must take a connection.
  var connect: String?
  var http: HTTPGet?
  var command: [String]?
  var periodSeconds = 5
  var timeoutSeconds = 3
  var failureThreshold = 3

  /// nil when nothing is to be tried, or there is no port to try it on.
  init?(_ probe: ApplicationSpec.HealthCheck.Probe, port: ApplicationSpec.Port?) {
    let portName = port.flatMap { $0.transport == .tcp ? ApplicationSpec.mainPortName : nil }
    switch probe {
    case .none: return nil
    case .connect:
      guard let portName else { return nil }
      connect = portName
    case .http(let path):
      guard let portName else { return nil }
      http = HTTPGet(path: path, port: portName)
    case .command(let words): command = words
    }
  }

  /// The same probe at another pace.
  func every(_ seconds: Int, failures: Int) -> ProbeManifest {
    var copy = self
    copy.periodSeconds = seconds
    copy.failureThreshold = failures
    return copy
  }
}

extension ApplicationSpec {
  /// The main TCP port's name in Pods and Services.
  static let mainPortName = "http"

  /// The ports with their names: at most 15 characters, a letter among them
  /// (Kubernetes API, ContainerPort).
  var portManifests: [PortManifest] {
    ports.enumerated().map { index, port in
      let isMain = index == 0 && port.transport == .tcp
      return PortManifest(
        name: isMain
          ? Self.mainPortName : "\(port.transport.rawValue.lowercased())-\(port.number)",
        number: port.number, transport: port.transport.rawValue)
    }
  }

  /// The files as entries of a ConfigMap, whose keys can't hold slashes.
  var fileManifests: [FileManifest] {
    files.enumerated().map { index, file in
      FileManifest(key: "file-\(index + 1)", path: file.path, content: file.content)
    }
  }

  /// The files whose content is in a Secret.
  var secretFileManifests: [SecretFileManifest] {
    (secretValues?.entries ?? []).filter(\.isFile).map {
      SecretFileManifest(key: $0.key, path: $0.target)
    }
  }

  /// A hash over the files' content, in hexadecimal digits; nil without files.
  var filesChecksum: String? {
    files.isEmpty ? nil : Self.checksum(of: files.flatMap { [$0.path, $0.content] })
  }

  /// A hash over the files and the Secrets' versions; nil without either.
  ///
  /// - Parameter versions: the `resourceVersion` of each Secret, as far as it is
  ///   known. The values themselves are nobody's business here.
  func configChecksum(secretVersions versions: [String: String]) -> String? {
    let secrets = versions.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    return secrets.isEmpty
      ? filesChecksum : Self.checksum(of: [filesChecksum ?? ""] + secrets)
  }

  static func checksum(of texts: [String]) -> String {
    var hasher = SHA256()
    for text in texts {
      let bytes = Array(text.utf8)
      withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update(bufferPointer: $0) }
      hasher.update(data: bytes)
    }
    return hasher.finalize().hexadecimal
  }

  /// The ConfigMap's name: another content is another ConfigMap, so that the
  /// pods of an older release keep theirs.
  var filesName: String? {
    filesChecksum.map { "\(name)-files-\($0.prefix(10))" }
  }

  /// The name of a volume's claim.
  func claimName(of volume: Volume) -> String { "\(name)-\(volume.name)" }
}
