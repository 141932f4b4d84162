import Kubernetes

@testable import Domain

/// An application as the cluster has it, to be changed by a test. As it is, two
/// replicas of release 1 serve.
struct LiveApplication {
  var name = "web"
  var release: Int? = 1
  var generation = 1
  var observedGeneration = 1
  var desired = 2
  var replicas = 2
  var updated = 2
  var ready = 2
  var available = 2
  var revision = "1"
  /// Type, status, reason and message.
  var conditions: [(String, String, String, String)] = [
    ("Available", "True", "MinimumReplicasAvailable", ""),
    ("Progressing", "True", "NewReplicaSetAvailable", ""),
  ]
  /// Revision and ready replicas of each ReplicaSet; its UID is `set-` and its
  /// revision.
  var replicaSets = [(revision: "1", ready: 2)]
  var pods = [LivePod("web-1-a"), LivePod("web-1-b")]
  /// nil: there is no Service.
  var serving: [String]? = ["web-1-a", "web-1-b"]
  /// Object, reason and message of warning events.
  var warnings: [(String, String, String)] = []
  /// Whether somebody paused its rollout.
  var isPaused = false
  /// Type, status, reason and message of the autoscaler's conditions; nil: there
  /// is none.
  var scaling: [(String, String, String, String)]?
  /// UIDs of ReplicaSets with its labels that belong to another Deployment.
  var foreignReplicaSets: [String] = []

  /// What BabyHelm makes of it.
  func status() throws -> ApplicationStatus {
    let state = ClusterState(awaiting: [])
    try put(into: state)
    return state.status(of: name, in: "shop")
  }

  func put(into state: ClusterState) throws {
    try state.put("Deployment", deployment, application: name)
    for set in replicaSets {
      try state.put("ReplicaSet", replicaSet(set.revision, ready: set.ready), application: name)
    }
    for uid in foreignReplicaSets {
      var set = replicaSet("7", ready: 1)
      set["metadata"] = [
        "name": .string("theirs-\(uid)"), "namespace": "shop", "uid": .string(uid),
        "ownerReferences": [
          [
            "apiVersion": "apps/v1", "kind": "Deployment", "name": "theirs", "uid": "uid-theirs",
            "controller": true,
          ]
        ],
      ]
      try state.put("ReplicaSet", set, application: name)
    }
    if let scaling {
      let conditions = JSONValue.array(scaling.map(Self.condition))
      try state.put(
        "HorizontalPodAutoscaler",
        [
          "metadata": metadata(name), "spec": ["minReplicas": 2, "maxReplicas": 5],
          "status": ["currentReplicas": 2, "desiredReplicas": 2, "conditions": conditions],
        ], application: name)
    }
    for pod in pods { try state.put("Pod", pod.json, application: name) }
    if let serving {
      try state.put("Service", service, application: name)
      try state.put("EndpointSlice", slice(serving), application: name)
    }
    for (object, reason, message) in warnings {
      try state.put("Event", Self.event(object, reason, message), application: "")
    }
  }

  private func metadata(_ name: String, annotations: JSONValue = [:]) -> JSONValue {
    [
      "name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)"),
      "generation": .integer(Int64(generation)), "annotations": annotations,
    ]
  }

  private var deployment: JSONValue {
    var annotations: JSONValue = ["deployment.kubernetes.io/revision": .string(revision)]
    if let release { annotations[ManifestBuilder.releaseAnnotation] = .string(String(release)) }
    var status: JSONValue = [:]
    status["observedGeneration"] = .integer(Int64(observedGeneration))
    status["replicas"] = .integer(Int64(replicas))
    status["updatedReplicas"] = .integer(Int64(updated))
    status["readyReplicas"] = .integer(Int64(ready))
    status["availableReplicas"] = .integer(Int64(available))
    status["conditions"] = .array(conditions.map(Self.condition))
    return [
      "metadata": metadata(name, annotations: annotations),
      "spec": ["replicas": .integer(Int64(desired)), "paused": .bool(isPaused)], "status": status,
    ]
  }

  private static func condition(
    _ type: String, _ status: String, _ reason: String, _ message: String
  ) -> JSONValue {
    [
      "type": .string(type), "status": .string(status), "reason": .string(reason),
      "message": .string(message),
    ]
  }

  private func replicaSet(_ revision: String, ready: Int) -> JSONValue {
    let annotations: JSONValue = ["deployment.kubernetes.io/revision": .string(revision)]
    var metadata = metadata("\(name)-\(revision)", annotations: annotations)
    metadata["uid"] = .string("set-\(revision)")
    return [
      "metadata": metadata, "spec": ["replicas": .integer(Int64(desired))],
      "status": ["readyReplicas": .integer(Int64(ready))],
    ]
  }

  private var service: JSONValue {
    [
      "metadata": metadata(name), "spec": ["clusterIP": "10.0.0.7", "ports": [["port": 8080]]],
    ]
  }

  private func slice(_ pods: [String]) -> JSONValue {
    let endpoints = pods.map { pod -> JSONValue in
      [
        "addresses": ["10.1.0.1"], "conditions": ["ready": true],
        "targetRef": ["kind": "Pod", "name": .string(pod)],
      ]
    }
    return ["metadata": metadata("\(name)-slice"), "endpoints": .array(endpoints)]
  }

  static func event(_ object: String, _ reason: String, _ message: String) -> JSONValue {
    [
      "metadata": ["name": .string("\(object).\(reason)"), "namespace": "shop"],
      "involvedObject": [
        "kind": .string(reason == "ProvisioningFailed" ? "PersistentVolumeClaim" : "Pod"),
        "name": .string(object), "namespace": "shop",
      ],
      "type": "Warning", "reason": .string(reason), "message": .string(message),
    ]
  }
}

/// A pod as the cluster has it, to be changed by a test. As it is, it is ready.
struct LivePod {
  var name: String
  var phase = "Running"
  var reason = ""
  var message = ""
  var node = "node-1"
  /// The revision of the ReplicaSet it belongs to.
  var revision = "1"
  var isDeleted = false
  var isReady = true
  /// nil: no kubelet has said anything yet.
  var state: JSONValue? = ["running": ["startedAt": "2026-11-23T03:58:21Z"]]
  var lastState: JSONValue = [:]
  var restarts = 0
  /// What a container that runs before the others does; nil when there is none.
  var beforehand: JSONValue?
  /// The owner instead of the application's ReplicaSet: kind and UID.
  var owner: (kind: String, uid: String)?
  /// Why no node was found; nil when one was.
  var unschedulable: String?

  init(_ name: String, change: (inout LivePod) -> Void = { _ in }) {
    self.name = name
    change(&self)
  }

  /// A container that waits for a reason.
  static func waiting(_ reason: String, _ message: String = "") -> JSONValue {
    ["waiting": ["reason": .string(reason), "message": .string(message)]]
  }

  /// A container that ended.
  static func ended(_ code: Int, _ reason: String, _ message: String = "") -> JSONValue {
    [
      "terminated": [
        "exitCode": .integer(Int64(code)), "reason": .string(reason), "message": .string(message),
      ]
    ]
  }

  var json: JSONValue {
    var metadata: JSONValue = ["name": .string(name), "namespace": "shop"]
    metadata["ownerReferences"] = [
      [
        "apiVersion": "apps/v1", "kind": .string(owner?.kind ?? "ReplicaSet"),
        "name": .string("web-\(revision)"), "uid": .string(owner?.uid ?? "set-\(revision)"),
        "controller": true,
      ]
    ]
    if isDeleted { metadata["deletionTimestamp"] = "2026-11-23T03:58:21Z" }
    var status: JSONValue = ["phase": .string(phase)]
    status["reason"] = .string(reason)
    status["message"] = .string(message)
    var conditions: [JSONValue] = [["type": "Ready", "status": isReady ? "True" : "False"]]
    if let unschedulable {
      conditions.append([
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": .string(unschedulable),
      ])
    }
    status["conditions"] = .array(conditions)
    if let state {
      status["containerStatuses"] = [
        [
          "name": "app", "state": state, "lastState": lastState, "imageID": "sha256:abc",
          "restartCount": .integer(Int64(restarts)),
        ]
      ]
    }
    let containers: JSONValue = [["name": "app", "image": "nginx:1.27"]]
    var spec: JSONValue = ["nodeName": .string(node), "containers": containers]
    if let beforehand {
      spec["initContainers"] = [["name": "migrate", "image": "migrate:1"]]
      status["initContainerStatuses"] = [
        ["name": "migrate", "state": beforehand, "lastState": lastState, "restartCount": 3]
      ]
    }
    return ["metadata": metadata, "spec": spec, "status": status]
  }

  func status() throws -> PodStatus { PodStatus(try CoreV1.Pod(json: json)) }
}

extension ClusterState {
  /// Puts an object into the picture, as the feed does.
  ///
  /// - Parameter application: nil takes the name from its label.
  func put(_ kind: String, _ json: JSONValue, application: String? = nil) throws {
    let name = json.at("metadata", "name")?.string ?? ""
    let namespace = json.at("metadata", "namespace")?.string ?? name
    let label = json.at("metadata", "labels", ManifestBuilder.nameLabel)?.string
    let key = ObjectKey(namespace: namespace, name: name)
    let change = try Self.change(
      kind, json, application: application ?? label ?? "", at: key)
    self.change { change(&$0) ? [namespace] : [] }
  }

  private static func change(
    _ kind: String, _ json: JSONValue, application: String, at key: ObjectKey
  ) throws -> (inout Picture) -> Bool {
    switch kind {
    case "Deployment":
      let record = DeploymentRecord(try AppsV1.Deployment(json: json))
      return { $0.deployments.set(record, application: application, at: key) }
    case "ReplicaSet":
      let record = ReplicaSetRecord(try AppsV1.ReplicaSet(json: json))
      return { $0.replicaSets.set(record, application: application, at: key) }
    case "Pod":
      let record = PodStatus(try CoreV1.Pod(json: json))
      return { $0.pods.set(record, application: application, at: key) }
    case "Service":
      let record = ServiceRecord(try CoreV1.Service(json: json))
      return { $0.services.set(record, application: application, at: key) }
    case "EndpointSlice":
      let record = EndpointSliceRecord(try DiscoveryV1.EndpointSlice(json: json))
      return { $0.endpointSlices.set(record, application: application, at: key) }
    case "HorizontalPodAutoscaler":
      let record = AutoscalerRecord(try AutoscalingV2.HorizontalPodAutoscaler(json: json))
      return { $0.autoscalers.set(record, application: application, at: key) }
    case "ResourceQuota":
      let record = QuotaRecord(try CoreV1.ResourceQuota(json: json))
      return { $0.quotas.set(record, application: application, at: key) }
    case "Event":
      let record = WarningRecord(try CoreV1.Event(json: json))
      return { picture in
        picture.warnings[key.namespace, default: []].append(record)
        return true
      }
    default: return { _ in false }
    }
  }
}
