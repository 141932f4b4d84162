import Kubernetes

/// The status of a Deployment: counts, conditions, progress deadline.
extension Cluster {
  func updateStatus(of deployment: JSONValue, _ rollout: Rollout, created: String?) {
    guard let live = store[.deployment, ObjectKey(deployment)] else { return }
    let former = live["status"] ?? [:]
    var status = counts(of: live, rollout)
    var conditions = DeploymentConditions(former["conditions"], now: now)
    let available = status["availableReplicas"]?.int ?? 0
    let isAvailable = available >= rollout.desired - rollout.maxUnavailable
    if former["observedGeneration"] != nil || created == nil {
      conditions.set(
        "Available", isAvailable,
        isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        "Deployment \(isAvailable ? "has" : "does not have") minimum availability.")
    }
    noteFailures(in: &conditions, rollout)
    noteProgress(in: &conditions, live, former, status, rollout, created: created)
    status["conditions"] = .array(conditions.list)
    if created != nil, former["observedGeneration"] == nil {
      // The first write of the real controller says no more than this.
      status = ["conditions": .array(conditions.list)]
      enqueue(.deployment(ObjectKey(live)))
    }
    writeStatus(.deployment, live) { $0["status"] = status }
  }

  private func counts(of deployment: JSONValue, _ rollout: Rollout) -> JSONValue {
    let sets = rollout.allSets
    func sum(_ key: String) -> Int {
      sets.reduce(0) { total, set in total + (set.at("status", key)?.int ?? 0) }
    }
    let wanted = sets.map(Rollout.replicas).reduce(0, +)
    let available = sum("availableReplicas")
    var status: JSONValue = ["terminatingReplicas": .integer(Int64(sum("terminatingReplicas")))]
    let figures = [
      "observedGeneration": deployment.generation,
      "replicas": sum("replicas"),
      "updatedReplicas": rollout.newSet?.at("status", "replicas")?.int ?? 0,
      "readyReplicas": sum("readyReplicas"),
      "availableReplicas": available,
      "unavailableReplicas": max(0, wanted - available),
    ]
    for (key, figure) in figures where figure != 0 { status[key] = .integer(Int64(figure)) }
    return status
  }

  private func noteFailures(in conditions: inout DeploymentConditions, _ rollout: Rollout) {
    let all = rollout.allSets.reversed().flatMap { $0.at("status", "conditions")?.array ?? [] }
    let failure = all.first { $0["type"] == "ReplicaFailure" && $0["status"] == "True" }
    guard let failure else {
      conditions.remove("ReplicaFailure")
      return
    }
    conditions.set(
      "ReplicaFailure", true, failure["reason"]?.string ?? "FailedCreate",
      failure["message"]?.string ?? "")
  }

  private func noteProgress(
    in conditions: inout DeploymentConditions, _ deployment: JSONValue, _ former: JSONValue,
    _ status: JSONValue, _ rollout: Rollout, created: String?
  ) {
    let uid = deployment.uid
    if let created {
      conditions.set(
        "Progressing", true, "NewReplicaSetCreated", "Created new replica set \"\(created)\"")
      startDeadline(of: deployment)
      return
    }
    guard let name = rollout.newSet?.name, deployment.at("spec", "paused") != true else { return }
    func count(_ status: JSONValue, _ key: String) -> Int { status[key]?.int ?? 0 }
    let isComplete = ["replicas", "updatedReplicas", "availableReplicas"]
      .allSatisfy { count(status, $0) == rollout.desired }
    if isComplete {
      progressDeadlines[uid] = nil
      conditions.set(
        "Progressing", true, "NewReplicaSetAvailable",
        "ReplicaSet \"\(name)\" has successfully progressed.")
      return
    }
    if conditions.reason(of: "Progressing") == "NewReplicaSetAvailable",
      count(status, "updatedReplicas") == count(status, "replicas")
    {
      // Scaling a finished rollout is no new progress to be timed.
      return
    }
    let old = count(former, "replicas") - count(former, "updatedReplicas")
    let remaining = count(status, "replicas") - count(status, "updatedReplicas")
    let grows = ["updatedReplicas", "readyReplicas", "availableReplicas"].contains { key in
      count(status, key) > count(former, key)
    }
    let progresses = grows || remaining < old
    if progresses {
      conditions.refresh(
        "Progressing", "ReplicaSetUpdated", "ReplicaSet \"\(name)\" is progressing.")
      startDeadline(of: deployment)
    } else if let deadline = progressDeadlines[uid], deadline <= .now {
      conditions.set(
        "Progressing", false, "ProgressDeadlineExceeded",
        "ReplicaSet \"\(name)\" has timed out progressing.")
    }
  }

  /// Times a rollout that was under way when the cluster stopped.
  func resumeRollout(_ deployment: JSONValue) {
    let conditions = deployment.at("status", "conditions")?.array ?? []
    let progress = conditions.first { $0["type"] == "Progressing" }
    guard progress?["status"] == "True", progress?["reason"] != "NewReplicaSetAvailable" else {
      return
    }
    startDeadline(of: deployment)
  }

  private func startDeadline(of deployment: JSONValue) {
    guard let seconds = deployment.at("spec", "progressDeadlineSeconds")?.int else { return }
    let real = Double(seconds) / configuration.speed
    progressDeadlines[deployment.uid] = .now + .seconds(real)
    scheduleExactly(.work(.deployment(ObjectKey(deployment))), after: real + 0.01)
  }
}

/// The conditions of a Deployment, set as its controller does
/// (`deploymentutil.SetDeploymentCondition`).
struct DeploymentConditions {
  private(set) var list: [JSONValue]
  private let now: String

  init(_ json: JSONValue?, now: String) {
    list = json?.array ?? []
    self.now = now
  }

  func reason(of type: String) -> String? {
    list.first { $0["type"]?.string == type }?["reason"]?.string
  }

  mutating func remove(_ type: String) { list.removeAll { $0["type"]?.string == type } }

  /// Sets a condition unless it has this status and reason already.
  mutating func set(_ type: String, _ status: Bool, _ reason: String, _ message: String) {
    let value: JSONValue = status ? "True" : "False"
    let former = list.first { $0["type"]?.string == type }
    if former?["status"] == value, former?["reason"]?.string == reason { return }
    replace(type, value, reason, message, former)
  }

  /// Sets a condition to true and notes the time of the update.
  mutating func refresh(_ type: String, _ reason: String, _ message: String) {
    replace(type, "True", reason, message, list.first { $0["type"]?.string == type })
  }

  private mutating func replace(
    _ type: String, _ status: JSONValue, _ reason: String, _ message: String, _ former: JSONValue?
  ) {
    let isTransition = former?["status"] != status
    remove(type)
    list.append([
      "type": .string(type), "status": status, "lastUpdateTime": .string(now),
      "lastTransitionTime": isTransition
        ? .string(now) : former?["lastTransitionTime"] ?? .string(now),
      "reason": .string(reason), "message": .string(message),
    ])
  }
}
