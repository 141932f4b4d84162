import Domain
import Foundation

/// The newest release on its way, or how it ended.
struct RolloutView: Sendable {
  /// What stands on top, and what a screen reader hears.
  let summary: String
  let meters: [Meter]
  /// When it began; nil when it is through.
  let began: RelativeTime?
  let patience: String
  let event: String?
  let eventTime: RelativeTime?

  var hasMeters: Bool { !meters.isEmpty }

  init(_ progress: RolloutProgress) {
    let release = progress.release
    let isOnItsWay = !release.state.isFinal
    began = isOnItsWay ? RelativeTime(release.createdAt) : nil
    summary = Self.summary(progress)
    patience =
      "Kubernetes gives up when nothing moves for \(Self.duration(Double(progress.limit)))."
    let old = progress.old.count
    let wanted = max(progress.wanted, 1)
    // With new pods alone the sentence says all.
    meters =
      isOnItsWay && old > 0
      ? [
        Meter(
          label: "New pods ready", used: "\(progress.newReady)", hard: "\(progress.wanted)",
          percent: progress.newReady * 100 / wanted, style: "good"),
        Meter(
          label: "Old pods still serving", used: "\(progress.oldReady)", hard: "\(old)",
          percent: progress.oldReady * 100 / max(old, wanted), style: "warning"),
      ] : []
    let shows = isOnItsWay || release.state == .failed
    event = shows ? progress.event.map { "\($0.object): \($0.sentence)" } : nil
    eventTime = shows ? progress.event.map { RelativeTime($0.at) } : nil
  }

  private static func summary(_ progress: RolloutProgress) -> String {
    let release = progress.release
    let took =
      release.finishedAt.map { duration($0.timeIntervalSince(release.createdAt)) } ?? ""
    switch release.state {
    case .queued: return "Waiting for its turn."
    case .applying: return "Its objects are being applied."
    case .rollingOut:
      if progress.wanted == 0 {
        return progress.old.isEmpty
          ? "Nothing is to run." : "\(pods(progress.old.count)) still stopping."
      }
      let old = progress.oldReady
      let serving = old == 0 ? "" : ", \(old == 1 ? "1 old pod" : "\(old) old pods") still serving"
      return "\(progress.newReady) of \(pods(progress.wanted, "new ")) ready\(serving)."
    case .succeeded: return "Rolled out in \(took)."
    case .failed: return "Failed after \(took): \(release.outcome)"
    case .superseded: return "Superseded by a newer release after \(took)."
    }
  }

  private static func pods(_ count: Int, _ kind: String = "") -> String {
    count == 1 ? "1 \(kind)pod" : "\(count) \(kind)pods"
  }

  /// As in “42 s” or “3 min 5 s”.
  static func duration(_ seconds: Double) -> String {
    let whole = max(1, Int(seconds.rounded()))
    if whole < 60 { return "\(whole) s" }
    return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s"
  }
}
