/// How far a release is, as the server tells it.
struct RolloutState: Equatable, Sendable {
  struct Pod: Equatable, Sendable {
    let name: String
    let stage: String
    /// Why it is at this stage; empty where that needs no words.
    let reason: String
  }

  /// What is wrong, and what to do about it.
  struct Diagnosis: Equatable, Sendable {
    let title: String
    let evidence: [String]
    let advice: [String]
  }

  let release: Int
  /// queued, applying, rollingOut, succeeded, failed, superseded.
  let state: String
  let isFinished: Bool
  /// A sentence about how it ended; empty before.
  let outcome: String
  let old: Int
  let new: Int
  let wanted: Int
  let ready: Int
  let pods: [Pod]
  let diagnosis: Diagnosis?

  var hasSucceeded: Bool { isFinished && state == "succeeded" }
}

extension RolloutState {
  /// Reads what it knows; what a newer server says beside it doesn't matter.
  init?(_ json: JSON) {
    guard let release = json["release"]?.integer, let state = json["state"]?.string else {
      return nil
    }
    self.release = release
    self.state = state
    isFinished = json["isFinished"]?.bool ?? false
    outcome = json["outcome"]?.words ?? ""
    let replicas = json["replicas"]
    old = replicas?["old"]?.integer ?? 0
    new = replicas?["new"]?.integer ?? 0
    wanted = replicas?["wanted"]?.integer ?? 0
    ready = replicas?["ready"]?.integer ?? 0
    // Of those before, their number says enough.
    pods = (json["pods"]?.array ?? []).compactMap { pod in
      guard let name = pod["name"]?.string, pod["isNew"]?.bool != false else { return nil }
      return Pod(
        name: name, stage: pod["stage"]?.words ?? "",
        reason: pod["reason"]?.words ?? pod["message"]?.words ?? "")
    }
    diagnosis = Diagnosis(json["diagnosis"] ?? .null)
  }

  /// The state in words.
  var words: String {
    switch state {
    case "queued": "waiting for its turn"
    case "applying": "being applied"
    case "rollingOut": "rolling out"
    case "succeeded": "serves"
    case "failed": "failed"
    case "superseded": "was overtaken by a newer release"
    default: state
    }
  }
}

extension RolloutState.Diagnosis {
  init?(_ json: JSON) {
    guard let title = json["title"]?.string, !title.isEmpty else { return nil }
    self.init(
      title: title, evidence: Self.lines(json["evidence"]), advice: Self.lines(json["advice"]))
  }

  private static func lines(_ value: JSON?) -> [String] {
    switch value {
    case .array(let items)?: items.map(\.words).filter { !$0.isEmpty }
    case .string(let text)?: text.split(separator: "\n").map(String.init)
    default: []
    }
  }

  /// As a person reads it under what failed.
  var text: [String] {
    [title] + evidence.map { "  \($0)" } + advice.map { "What to do: \($0)" }
  }
}
