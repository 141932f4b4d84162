import Crypto
import Foundation
import Kubernetes

/// What happens next to a pod.
enum PodStep: Sendable {
  case schedule
  case create
  case pull
  case pullFailed
  case pullBackOff
  case run
  case ready
  case probe
  case exit
  case backOff
}

/// How far the containers of a pod are.
struct PodRun: Sendable {
  enum Stage: Sendable, Hashable {
    case waitingForNode
    case scheduled
    case creating
    case pullFailed
    case pullBackOff
    case refused
    case running
    case exited
    case backingOff
    case finished
  }

  var stage = Stage.scheduled
  var fate = ImageFate.healthy
  var isReady = false
  var readySince: ContinuousClock.Instant?
  var scheduledAt = ""
  var createdAt = ""
  var readyChangedAt = ""
  var startedAt: Date?
  var lastStart: Date?
  var lastExit: Date?
  var restarts = 0
  var pullAttempts = 0
  var address: String?
  /// Whether the fate is that of a container that runs before the others.
  var failsBeforehand = false
  /// Why a container can't be made.
  var refusal: ContainerRefusal?

  /// The beginning of a pod.
  init(of pod: JSONValue) {
    func fates(_ list: String) -> [ImageFate] {
      (pod.at("spec", list)?.array ?? []).map { ImageFate(container: $0, in: pod) }
    }
    if let fate = fates("initContainers").filter(\.keepsFromStarting).max() {
      self.fate = fate
      failsBeforehand = true
    } else {
      fate = fates("containers").max() ?? .healthy
    }
  }

  /// Simulated seconds before the next start or pull: 10, 20, 40 … 300.
  static func backOff(after attempts: Int) -> Double {
    min(10 * Double(1 << min(max(attempts - 1, 0), 5)), 300)
  }
}

/// Identifiers of images and containers that are the same in every run.
enum ImageNames {
  /// `repository@sha256:…`, with a digest drawn from the name.
  static func identifier(of image: String) -> String {
    if image.contains("@sha256:") { return image }
    let last = image.lastIndex(of: "/") ?? image.startIndex
    let colon = image[last...].lastIndex(of: ":")
    var repository = colon.map { String(image[..<$0]) } ?? image
    if !repository.contains("/") { repository = "docker.io/library/\(repository)" }
    return "\(repository)@sha256:\(digest(image))"
  }

  /// The identifier of a container of a pod.
  static func container(_ pod: String, _ name: String, _ attempt: Int) -> String {
    "sandbox://\(digest("\(pod)/\(name)/\(attempt)"))"
  }

  private static func digest(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
