import Kubernetes

/// Defaults inside a pod specification (`core/v1/defaults.go`).
enum PodDefaults {
  static func apply(_ spec: inout JSONValue) {
    spec.setDefault("Always", at: "restartPolicy")
    spec.setDefault(30, at: "terminationGracePeriodSeconds")
    spec.setDefault("ClusterFirst", at: "dnsPolicy")
    spec.setDefault([:], at: "securityContext")
    spec.setDefault("default-scheduler", at: "schedulerName")
    if let account = spec["serviceAccountName"] { spec.setDefault(account, at: "serviceAccount") }
    for list in ["containers", "initContainers"] {
      spec.editItems(list, container)
    }
    spec.editItems("volumes", volume)
  }

  private static func container(_ container: inout JSONValue) {
    let image = container["image"]?.string ?? ""
    container.setDefault("/dev/termination-log", at: "terminationMessagePath")
    container.setDefault("File", at: "terminationMessagePolicy")
    container.setDefault(isLatest(image) ? "Always" : "IfNotPresent", at: "imagePullPolicy")
    container.setDefault([:], at: "resources")
    for (name, limit) in container.at("resources", "limits")?.object ?? [:] {
      container.setDefault(limit, at: "resources", "requests", name)
    }
    container.editItems("ports") { $0.setDefault("TCP", at: "protocol") }
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
      container.edit(key, probe)
    }
    container.editItems("env") { variable in
      variable.edit("valueFrom") { source in
        source.edit("fieldRef") { $0.setDefault("v1", at: "apiVersion") }
        source.edit("resourceFieldRef") { $0.setDefault("0", at: "divisor") }
      }
    }
  }

  private static func probe(_ probe: inout JSONValue) {
    probe.setDefault(1, at: "timeoutSeconds")
    probe.setDefault(10, at: "periodSeconds")
    probe.setDefault(1, at: "successThreshold")
    probe.setDefault(3, at: "failureThreshold")
    probe.edit("httpGet") { action in
      action.setDefault("/", at: "path")
      action.setDefault("HTTP", at: "scheme")
    }
    if probe.at("initialDelaySeconds") == 0 { probe["initialDelaySeconds"] = nil }
  }

  private static func volume(_ volume: inout JSONValue) {
    for key in ["secret", "configMap", "projected"] {
      volume.edit(key) { $0.setDefault(420, at: "defaultMode") }
    }
    if let members = volume.object, members.count == 1 { volume["emptyDir"] = [:] }
  }

  /// `latest` or no tag at all is pulled every time.
  static func isLatest(_ image: String) -> Bool {
    guard !image.contains("@") else { return false }
    let last = image.split(separator: "/").last ?? ""
    guard let colon = last.firstIndex(of: ":") else { return true }
    return last[last.index(after: colon)...] == "latest"
  }

  /// The quality of service class that requests and limits make.
  static func qualityOfService(of pod: JSONValue) -> String {
    let containers = pod.at("spec", "containers")?.array ?? []
    var isGuaranteed = true
    var isBestEffort = true
    for container in containers {
      let requests = container.at("resources", "requests")?.object ?? [:]
      let limits = container.at("resources", "limits")?.object ?? [:]
      if !requests.isEmpty || !limits.isEmpty { isBestEffort = false }
      for name in ["cpu", "memory"] {
        guard let limit = limits[name], requests[name] == nil || requests[name] == limit else {
          isGuaranteed = false
          continue
        }
      }
    }
    return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
  }
}
