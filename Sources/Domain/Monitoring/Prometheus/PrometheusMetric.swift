/// The metrics that BabyHelm asks for. There are no others.
enum PrometheusMetric: String, Sendable, Hashable, CaseIterable {
  case cpuSeconds = "container_cpu_usage_seconds_total"
  case memoryBytes = "container_memory_working_set_bytes"
  case cpuPeriods = "container_cpu_cfs_periods_total"
  case throttledPeriods = "container_cpu_cfs_throttled_periods_total"
  case receivedBytes = "container_network_receive_bytes_total"
  case sentBytes = "container_network_transmit_bytes_total"
  case volumeUsed = "kubelet_volume_stats_used_bytes"
  case volumeCapacity = "kubelet_volume_stats_capacity_bytes"

  case requested = "kube_pod_container_resource_requests"
  case limited = "kube_pod_container_resource_limits"
  case restarts = "kube_pod_container_status_restarts_total"
  case podPhase = "kube_pod_status_phase"
  case replicasWanted = "kube_deployment_spec_replicas"
  case replicasReady = "kube_deployment_status_replicas_ready"
  case autoscalerMaximum = "kube_horizontalpodautoscaler_spec_max_replicas"
  case quota = "kube_resourcequota"

  case ingressRequests = "nginx_ingress_controller_requests"
  case ingressDuration = "nginx_ingress_controller_request_duration_seconds_bucket"

  case requests = "http_requests_total"
  case duration = "http_request_duration_seconds_bucket"

  /// Who tells it.
  var source: PrometheusLabels.Source {
    switch self {
    case .cpuSeconds, .memoryBytes, .cpuPeriods, .throttledPeriods, .receivedBytes, .sentBytes,
      .volumeUsed, .volumeCapacity:
      .containers
    case .requested, .limited, .restarts, .podPhase, .replicasWanted, .replicasReady,
      .autoscalerMaximum, .quota:
      .state
    case .ingressRequests, .ingressDuration: .ingress
    case .requests, .duration: .application
    }
  }
}
