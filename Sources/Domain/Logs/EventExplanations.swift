/// What Kubernetes' reasons of events mean, in plain words. The words come from
/// the kubelet, the scheduler and the controllers (Kubernetes source,
/// `pkg/kubelet/events`, `pkg/controller`).
enum EventExplanations {
  /// nil for a reason that isn't known here.
  static func sentence(for reason: String, kind: String, message: String) -> String? {
    if reason == "Failed" || reason == "BackOff" { return ofFailure(reason, message) }
    return sentences[reason]
  }

  private static func ofFailure(_ reason: String, _ message: String) -> String {
    let isImage = message.lowercased().contains("image") || message.contains("ErrImagePull")
    if reason == "BackOff" {
      return isImage
        ? "The image can’t be pulled; the node tries again at growing intervals."
        : "The container ends again and again; the node waits longer before each new start."
    }
    return isImage
      ? "The image can’t be pulled: check its name, its tag and the registry’s login."
      : "The container couldn’t be made or started."
  }

  private static let sentences = [
    "Scheduled": "A node was found for the pod.",
    "FailedScheduling": "No node takes the pod: none has room, or none fits its rules.",
    "Preempted": "The pod had to make room for a more important one.",
    "Pulling": "The node fetches the image.",
    "Pulled": "The image is on the node.",
    "Created": "The container was made.",
    "Started": "The container was started.",
    "Killing": "The node stops the container.",
    "Unhealthy": "A health check failed.",
    "ProbeWarning": "A health check gave an odd answer.",
    "ErrImageNeverPull": "The image isn’t on the node, and the pod forbids pulling it.",
    "InspectFailed": "The image’s name or content can’t be read.",
    "FailedMount": "A volume, a Secret or a ConfigMap couldn’t be put into the pod.",
    "FailedAttachVolume": "A volume couldn’t be attached to the node.",
    "SuccessfulAttachVolume": "A volume was attached to the node.",
    "FailedCreatePodSandBox": "The node couldn’t prepare the pod, often because of its network.",
    "FailedKillPod": "The node couldn’t stop the pod.",
    "FailedPostStartHook": "What should run after the start failed.",
    "Evicted": "The node had too little memory or disk, so the pod had to go.",
    "NodeNotReady": "The pod’s node doesn’t answer.",
    "TaintManagerEviction": "The pod had to leave its node.",
    "ScalingReplicaSet": "The number of pods of one version was changed.",
    "SuccessfulCreate": "A pod was made.",
    "SuccessfulDelete": "A pod was removed.",
    "FailedCreate": "A pod may not be made: quota, limits or Pod Security stand against it.",
    "ReplicaSetCreateError": "The pods of a new version couldn’t be set up.",
    "DeploymentRollback": "The Deployment went back to an older version.",
    "SuccessfulRescale": "The autoscaler changed the number of replicas.",
    "FailedGetResourceMetric": "The autoscaler gets no numbers: metrics aren’t there (yet).",
    "FailedComputeMetricsReplicas": "The autoscaler can’t work out a number of replicas.",
    "FailedGetScale": "The autoscaler can’t read what it should scale.",
    "FailedRescale": "The autoscaler may not change the number of replicas.",
    "ProvisioningSucceeded": "A volume was made.",
    "ProvisioningFailed": "A volume couldn’t be made.",
    "Provisioning": "A volume is being made.",
    "ExternalProvisioning": "A volume is being made by the storage system.",
    "WaitForFirstConsumer": "The volume is made when a pod needs it.",
    "FailedBinding": "No volume fits the claim.",
    "VolumeResizeFailed": "The volume couldn’t be made larger.",
    "Sync": "The ingress controller took the address over.",
    "EnsuredLoadBalancer": "The Service has its outside address.",
    "EnsuringLoadBalancer": "The Service’s outside address is being made.",
    "SyncLoadBalancerFailed": "The Service’s outside address couldn’t be made.",
    "NoPods": "The disruption budget matches no pod.",
  ]
}
