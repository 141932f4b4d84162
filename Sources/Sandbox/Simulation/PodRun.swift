import Crypto
import Foundation
import Kubernetes

/// What an image name makes of its container.
enum ImageFate: Int, Sendable, Comparable {
  case healthy
  /// Ready only after 20 s.
  case slow
  /// Runs, but never gets ready.
  case notReady
  /// Killed for its memory, again and again.
  case outOfMemory
  /// Exits with code 1, again and again.
  case crash
  /// Can't be pulled.
  case broken

  init(image: String) {
    let words: [(String, ImageFate)] = [
      ("broken", .broken), ("crash", .crash), ("oom", .outOfMemory), ("notready", .notReady),
      ("slow", .slow),
    ]
    self = words.first { image.contains($0.0) }?.1 ?? .healthy
  }

  static func < (left: ImageFate, right: ImageFate) -> Bool { left.rawValue < right.rawValue }

  /// Whether its container stops by itself.
  var exits: Bool { self == .crash || self == .outOfMemory }

  var exitCode: Int64 { self == .outOfMemory ? 137 : 1 }

  var exitReason: String { self == .outOfMemory ? "OOMKilled" : "Error" }
}

/// What happens next to a pod.
enum PodStep: Sendable {
  case schedule
  case create
  case pull
  case pullFailed
  case pullBackOff
  case run
  case ready
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

  /// The beginning of a pod.
  init(of pod: JSONValue) {
    fate =
      (pod.at("spec", "containers")?.array ?? [])
      .map { ImageFate(image: $0["image"]?.string ?? "") }.max() ?? .healthy
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
