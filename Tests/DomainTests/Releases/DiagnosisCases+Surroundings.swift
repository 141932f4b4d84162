@testable import Domain

// Nodes, checks and the rest.
extension DiagnosisCase {
  static let placements: [DiagnosisCase] = [
    .unplaced(
      "volume-unbound", "A volume isn't there yet, so the replica can't be placed.", nil,
      "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 "
        + "nodes are available: 3 Preemption is not helpful for scheduling."),
    .unplaced(
      "no-room", "No node of the cluster has enough CPU for a replica.", .cpuRequest,
      "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 "
        + "nodes are available: 1 Preemption is not helpful for scheduling."),
    .unplaced(
      "no-room", "No node of the cluster has enough memory for a replica.", .memoryRequest,
      "0/4 nodes are available: 1 node(s) had untolerated taint "
        + "{node-role.kubernetes.io/control-plane: }, 3 Insufficient memory."),
    .unplaced(
      "no-room", "No node of the cluster has enough places for pods for a replica.", nil,
      "0/1 nodes are available: 1 Too many pods."),
    .unplaced(
      "no-node-takes-it", "No node of the cluster takes this application's pods.", nil,
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."),
    .unplaced(
      "unplaced", "The cluster finds no node for a replica.", nil,
      "0/2 nodes are available: 2 node(s) had something new."),
    .unmounted(
      "volume-in-use", "The volume is still in use on another node.", nil, "FailedAttachVolume",
      "Multi-Attach error for volume \"pvc-1\" Volume is already exclusively attached to one node "
        + "and can't be attached to another"),
    .unmounted(
      "volume-mount", "A volume can't be mounted, so the replica doesn't start.", nil,
      "FailedMount",
      "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data]: "
        + "timed out waiting for the condition"),
  ]

  static let probes: [DiagnosisCase] = [
    .unhealthy(
      "port-silent", "A replica runs, but nothing in it listens on port 80 yet.", .port,
      "Readiness probe failed: dial tcp 10.1.0.1:80: connect: connection refused"),
    .unhealthy(
      "port-silent", "A replica runs, but nothing in it listens on port 8080 yet.", .port,
      "Readiness probe failed: Get \"http://10.1.0.1:8080/healthz\": dial tcp 10.1.0.1:8080: "
        + "connect: connection refused"),
    .unhealthy(
      "probe-timeout", "A replica runs, but doesn't answer its health check in time.",
      .startSeconds,
      "Readiness probe failed: Get \"http://10.1.0.1:80/\": context deadline exceeded "
        + "(Client.Timeout exceeded while awaiting headers)"),
    .unhealthy(
      "probe-failing", "A replica runs, but answers its health check with HTTP 503.", .healthPath,
      "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    .unhealthy(
      "probe-failing", "A replica runs, but fails its health check.", .healthCheck,
      "Readiness probe failed: pg_isready: no response"),
  ]

  static let surroundings: [DiagnosisCase] = [
    .around(
      "selector-clash",
      "Pods of somebody else carry this application's labels, so requests reach them, too.", nil,
      "With the application's labels, and of none of its ReplicaSets: theirs-x"
    ) { live in
      live.foreignReplicaSets = ["set-theirs"]
      live.pods.append(LivePod("theirs-x") { $0.owner = ("ReplicaSet", "set-theirs") })
    },
    .around(
      "selector-clash",
      "Pods of somebody else carry this application's labels, so requests reach them, too.", nil,
      "With the application's labels, and of none of its ReplicaSets: queue-0"
    ) { live in
      live.pods.append(LivePod("queue-0") { $0.owner = ("StatefulSet", "set-1") })
    },
    .around(
      "selector-clash",
      "Pods of somebody else carry this application's labels, so requests reach them, too.", nil,
      "pods by selector app.kubernetes.io/name=web are controlled by multiple HPAs: "
        + "[shop/theirs shop/web]"
    ) { live in
      live.scaling = [
        (
          "ScalingActive", "False", "AmbiguousSelector",
          "pods by selector app.kubernetes.io/name=web are controlled by multiple HPAs: "
            + "[shop/theirs shop/web]"
        )
      ]
    },
    .around(
      "autoscaler-no-metrics",
      "The autoscaler gets no measurements, so the number of replicas stays as it is.",
      .autoscaling,
      "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to "
        + "get metrics for resource cpu: no metrics returned from resource metrics API"
    ) { live in
      live.scaling = [
        ("AbleToScale", "True", "SucceededGetScale", ""),
        (
          "ScalingActive", "False", "FailedGetResourceMetric",
          "the HPA was unable to compute the replica count: failed to get cpu utilization: unable "
            + "to get metrics for resource cpu: no metrics returned from resource metrics API"
        ),
      ]
    },
    .around(
      "paused", "The rollout is paused.", nil, "The Deployment has spec.paused: true."
    ) { $0.isPaused = true },
    .around(
      "progress-deadline", "The new pods didn't become ready in time.", .startSeconds,
      "ReplicaSet \"late-6cf99d58c9\" has timed out progressing."
    ) { live in
      live.conditions = [
        (
          "Progressing", "False", "ProgressDeadlineExceeded",
          "ReplicaSet \"late-6cf99d58c9\" has timed out progressing."
        )
      ]
    },
  ]
}
