import Kubernetes

/// The arithmetic of a rolling update (`deployment/rolling.go`).
struct Rollout {
  let deployment: JSONValue
  let newSet: JSONValue?
  let oldSets: [JSONValue]
  let desired: Int
  let maxSurge: Int
  let maxUnavailable: Int

  init(deployment: JSONValue, sets: [JSONValue]) {
    self.deployment = deployment
    let hash = Self.templateHash(of: deployment)
    newSet = sets.first { $0.labels["pod-template-hash"] == hash }
    oldSets = sets.filter { $0.labels["pod-template-hash"] != hash }
      .sorted { Self.revision($0) < Self.revision($1) }
    desired = deployment.at("spec", "replicas")?.int ?? 1
    let update = deployment.at("spec", "strategy", "rollingUpdate")
    let surge = Self.share(update?["maxSurge"], of: desired, roundingUp: true)
    let unavailable = Self.share(update?["maxUnavailable"], of: desired, roundingUp: false)
    maxSurge = isRecreate(deployment) ? 0 : surge
    maxUnavailable = surge == 0 && unavailable == 0 ? 1 : min(unavailable, desired)
  }

  /// The hash that names the ReplicaSet of a template.
  static func templateHash(of deployment: JSONValue) -> String {
    StableHash.label((deployment.at("spec", "template") ?? [:]).serialized())
  }

  static func revision(_ set: JSONValue) -> Int {
    set.annotations[Cluster.revisionKey].flatMap(Int.init) ?? 0
  }

  static func replicas(_ set: JSONValue) -> Int { set.at("spec", "replicas")?.int ?? 0 }

  static func available(_ set: JSONValue) -> Int { set.at("status", "availableReplicas")?.int ?? 0 }

  /// The old ReplicaSets, then the new one.
  var allSets: [JSONValue] {
    guard let newSet else { return oldSets }
    return oldSets + [newSet]
  }

  /// How many replicas a new ReplicaSet starts with.
  func newSetReplicas() -> Int {
    if isRecreate(deployment) { return oldPodsRemain ? 0 : desired }
    let total = oldSets.map(Self.replicas).reduce(0, +)
    return max(0, min(desired, desired + maxSurge - total))
  }

  /// The ReplicaSets that must change their size, and to what.
  func scaling() -> [(JSONValue, Int)] {
    guard let newSet else {
      // A paused Deployment without a ReplicaSet of its template scales the last one.
      guard let last = oldSets.last, Self.replicas(last) > 0 else { return [] }
      return Self.replicas(last) == desired ? [] : [(last, desired)]
    }
    if isRecreate(deployment) { return recreateScaling(newSet) }
    let current = Self.replicas(newSet)
    let total = current + oldSets.map(Self.replicas).reduce(0, +)
    if current > desired { return [(newSet, desired)] }
    if current < desired {
      let step = min(desired - current, desired + maxSurge - total)
      if step > 0 { return [(newSet, current + step)] }
    }
    return oldScaling(newSet, total: total)
  }

  /// What happens first when the number of replicas changed, before anything of
  /// a new template: pods of the old one come or go (`deployment/sync.go`).
  ///
  /// - Returns: nil when the number is the one the ReplicaSets know.
  func scalingEvent() -> [(JSONValue, Int)]? {
    let active = allSets.filter { Self.replicas($0) > 0 }
    let isNews = active.contains {
      $0.annotations[Self.desiredKey].flatMap(Int.init).map { $0 != desired } ?? false
    }
    guard isNews else { return nil }
    if active.count == 1 { return [(active[0], desired)] }
    if let newSet, Self.replicas(newSet) == desired, Self.available(newSet) == desired {
      return [(newSet, desired)] + oldSets.filter { Self.replicas($0) > 0 }.map { ($0, 0) }
    }
    if isRecreate(deployment) { return active.map { ($0, Self.replicas($0)) } }
    return proportional(active)
  }

  /// Shares what may run more, or must run less, by the size of each ReplicaSet;
  /// what doesn't divide falls to the largest.
  private func proportional(_ active: [JSONValue]) -> [(JSONValue, Int)] {
    let total = active.map(Self.replicas).reduce(0, +)
    let allowed = desired > 0 ? desired + maxSurge : 0
    let change = allowed - total
    let sorted = active.sorted { Self.replicas($0) > Self.replicas($1) }
    var rest = change
    var sizes = sorted.map { set in
      let former = set.annotations[Self.maximumKey].flatMap(Int.init) ?? max(total, 1)
      let share = Self.replicas(set) * allowed / max(former, 1) - Self.replicas(set)
      let step = change > 0 ? min(max(share, 0), rest) : max(min(share, 0), rest)
      rest -= step
      return (set, Self.replicas(set) + step)
    }
    if let largest = sizes.indices.first { sizes[largest].1 = max(0, sizes[largest].1 + rest) }
    return sizes
  }

  static let desiredKey = "deployment.kubernetes.io/desired-replicas"
  static let maximumKey = "deployment.kubernetes.io/max-replicas"

  private func recreateScaling(_ newSet: JSONValue) -> [(JSONValue, Int)] {
    let running = oldSets.filter { Self.replicas($0) > 0 }
    if !running.isEmpty { return running.map { ($0, 0) } }
    if oldPodsRemain { return [] }
    return Self.replicas(newSet) == desired ? [] : [(newSet, desired)]
  }

  /// Takes old pods away as far as enough stay available.
  private func oldScaling(_ newSet: JSONValue, total: Int) -> [(JSONValue, Int)] {
    let least = desired - maxUnavailable
    let unavailableNew = Self.replicas(newSet) - Self.available(newSet)
    var budget = total - least - unavailableNew
    var sizes = oldSets.map { ($0, Self.replicas($0)) }
    for index in sizes.indices where budget > 0 {
      let unhealthy = sizes[index].1 - Self.available(sizes[index].0)
      let step = min(max(unhealthy, 0), budget)
      sizes[index].1 -= step
      budget -= step
    }
    let available = Self.available(newSet) + oldSets.map(Self.available).reduce(0, +)
    var surplus = available - least
    for index in sizes.indices where surplus > 0 {
      let step = min(sizes[index].1, surplus, max(budget, 0))
      sizes[index].1 -= step
      surplus -= step
      budget -= step
    }
    return sizes.filter { Self.replicas($0.0) != $0.1 }
  }

  private var oldPodsRemain: Bool {
    oldSets.contains {
      ($0.at("status", "replicas")?.int ?? 0) > 0
        || ($0.at("status", "terminatingReplicas")?.int ?? 0) > 0
    }
  }

  private static func share(_ value: JSONValue?, of total: Int, roundingUp: Bool) -> Int {
    if let number = value?.int { return number }
    guard let text = value?.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else {
      return 0
    }
    return (total * percent + (roundingUp ? 99 : 0)) / 100
  }
}

private func isRecreate(_ deployment: JSONValue) -> Bool {
  deployment.at("spec", "strategy", "type") == "Recreate"
}
