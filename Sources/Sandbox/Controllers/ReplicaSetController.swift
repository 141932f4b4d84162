import Kubernetes

/// The ReplicaSet controller: as many pods as asked for.
extension Cluster {
  /// How many pods are made or deleted in one round.
  private static let burst = 500
  /// Simulated seconds until a refused pod is tried again.
  private static let retryDelay = 10.0

  func reconcileReplicaSet(_ key: ObjectKey) {
    guard let set = store[.replicaSet, key], !set.isTerminating else { return }
    let pods = store.dependents(of: set.uid, .pod)
    let active = pods.filter { !$0.isTerminating && !Self.isFinished($0) }
    let missing = Rollout.replicas(set) - active.count
    var failure: APIError?
    if missing > 0 {
      failure = makePods(min(missing, Self.burst), of: set)
      if missing > Self.burst { enqueue(.replicaSet(key)) }
    } else if missing < 0 {
      deletePods(active, count: min(-missing, Self.burst), of: set)
    }
    updateStatus(of: key, failure)
  }

  static func isFinished(_ pod: JSONValue) -> Bool {
    let phase = pod.at("status", "phase")
    return phase == "Succeeded" || phase == "Failed"
  }

  static func isReady(_ pod: JSONValue) -> Bool {
    (pod.at("status", "conditions")?.array ?? []).contains {
      $0["type"] == "Ready" && $0["status"] == "True"
    }
  }

  private func makePods(_ count: Int, of set: JSONValue) -> APIError? {
    for _ in 0..<count {
      do throws(APIError) {
        let pod = try makePod(of: set)
        record(
          .init(
            on: set, reason: "SuccessfulCreate", message: "Created pod: \(pod.name)",
            component: "replicaset-controller"))
      } catch {
        record(
          .init(
            on: set, reason: "FailedCreate", message: "Error creating: \(error.message)",
            component: "replicaset-controller", isWarning: true))
        schedule(.work(.replicaSet(ObjectKey(set))), after: Self.retryDelay)
        return error
      }
    }
    return nil
  }

  /// Makes a pod from the template. What the pods of one ReplicaSet have in
  /// common is worked out once and shared.
  private func makePod(of set: JSONValue) throws(APIError) -> JSONValue {
    let name = "\(set.name)-\(random.suffix())"
    let shareKey = set.uid
    if let parts = podParts[shareKey] {
      try requireActiveNamespace(.pod, set.namespace, name)
      let pod = parts.pod(name: name, uid: random.uuid(), namespace: set.namespace, now: now)
      if store[.pod, ObjectKey(pod)] == nil {
        try checkQuota(for: pod, .pod, live: nil)
        return commit(.pod, pod)
      }
    }
    let template = set.at("spec", "template") ?? [:]
    var metadata: JSONValue = [
      "name": .string(name), "generateName": .string("\(set.name)-"),
      "namespace": .string(set.namespace),
      "ownerReferences": [Self.ownerReference(to: set)],
    ]
    metadata["labels"] = template.at("metadata", "labels")
    metadata["annotations"] = template.at("metadata", "annotations")
    let pod: JSONValue = [
      "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? [:],
    ]
    let made = try insert(.pod, pod, ownership: nil, .controller)
    podParts[shareKey] = PodParts(made.object)
    return made.object
  }

  private func deletePods(_ pods: [JSONValue], count: Int, of set: JSONValue) {
    // Unscheduled before unready before ready, young before old.
    func rank(_ pod: JSONValue) -> (Int, String) {
      if pod.at("spec", "nodeName") == nil { return (0, pod.name) }
      return (Self.isReady(pod) ? 2 : 1, pod.name)
    }
    for pod in pods.sorted(by: { rank($0) < rank($1) }).prefix(count) {
      _ = try? delete(.pod, ObjectKey(pod), DeleteOptions())
      record(
        .init(
          on: set, reason: "SuccessfulDelete", message: "Deleted pod: \(pod.name)",
          component: "replicaset-controller"))
    }
  }

  private func updateStatus(of key: ObjectKey, _ failure: APIError?) {
    guard let set = store[.replicaSet, key] else { return }
    let pods = store.dependents(of: set.uid, .pod)
    let active = pods.filter { !$0.isTerminating && !Self.isFinished($0) }
    let ready = active.filter(Self.isReady)
    let available = countAvailable(ready, of: set)
    let terminating = pods.count { $0.isTerminating }
    var status: JSONValue = [
      "replicas": .integer(Int64(active.count)),
      "terminatingReplicas": .integer(Int64(terminating)),
      "observedGeneration": .integer(Int64(set.generation)),
    ]
    let figures = [
      "fullyLabeledReplicas": active.count, "readyReplicas": ready.count,
      "availableReplicas": available,
    ]
    for (name, figure) in figures where figure > 0 { status[name] = .integer(Int64(figure)) }
    if let failure {
      var conditions = set.at("status", "conditions")?.array ?? []
      let former = conditions.first { $0["type"] == "ReplicaFailure" }
      conditions = [
        [
          "type": "ReplicaFailure", "status": "True",
          "lastTransitionTime": former?["lastTransitionTime"] ?? .string(now),
          "reason": "FailedCreate", "message": former?["message"] ?? .string(failure.message),
        ]
      ]
      status["conditions"] = .array(conditions)
    }
    writeStatus(.replicaSet, set) { $0["status"] = status }
  }

  /// Ready for `minReadySeconds`; looks again when a pod will be.
  private func countAvailable(_ ready: [JSONValue], of set: JSONValue) -> Int {
    let seconds = Double(set.at("spec", "minReadySeconds")?.int ?? 0)
    guard seconds > 0 else { return ready.count }
    let wait = Duration.seconds(seconds / configuration.speed)
    var count = 0
    for pod in ready {
      guard let since = podRuns[pod.uid]?.readySince else { continue }
      if since + wait <= .now {
        count += 1
      } else {
        schedule(.work(.replicaSet(ObjectKey(set))), after: seconds)
      }
    }
    return count
  }
}

/// What the pods of one ReplicaSet have in common.
struct PodParts: Sendable {
  private let metadata: JSONValue
  private let spec: JSONValue
  private let status: JSONValue
  private let prefix: String

  /// Takes the common parts from the first pod.
  init(_ pod: JSONValue) {
    var metadata = pod["metadata"] ?? [:]
    for key in ["name", "uid", "resourceVersion", "creationTimestamp"] { metadata[key] = nil }
    prefix = metadata["generateName"]?.string ?? ""
    self.metadata = metadata
    spec = pod["spec"] ?? [:]
    status = pod["status"] ?? [:]
  }

  /// Another pod of the same make.
  func pod(name: String, uid: String, namespace: String, now: String) -> JSONValue {
    var metadata = metadata
    metadata["name"] = .string(name)
    metadata["uid"] = .string(uid)
    metadata["creationTimestamp"] = .string(now)
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status,
    ]
  }
}
