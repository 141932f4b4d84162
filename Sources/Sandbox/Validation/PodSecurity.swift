import Kubernetes

/// Pod Security Standards (pod-security-admission), levels baseline and
/// restricted, as far as the fields that applications set.
enum PodSecurity {
  /// What a pod template violates, as `check (details)`, in the order of the
  /// API server.
  static func violations(of pod: JSONValue, level: String) -> [String] {
    let spec = pod["spec"] ?? [:]
    let containers = (spec["initContainers"]?.array ?? []) + (spec["containers"]?.array ?? [])
    var found: [String] = []
    switch level {
    case "baseline": found = baseline(spec, containers, checksCapabilities: true)
    case "restricted":
      found = baseline(spec, containers, checksCapabilities: false)
      found += restricted(spec, containers)
    default: break
    }
    return found
  }

  private static func baseline(
    _ spec: JSONValue, _ containers: [JSONValue], checksCapabilities: Bool
  ) -> [String] {
    var found: [String] = []
    let hosts = ["hostIPC", "hostNetwork", "hostPID"].filter { spec[$0] == true }
    if !hosts.isEmpty {
      found.append("host namespaces (\(hosts.map { "\($0)=true" }.joined(separator: ", ")))")
    }
    if checksCapabilities {
      let adding = containers.filter {
        !($0.at("securityContext", "capabilities", "add")?.array ?? [])
          .allSatisfy { Self.baselineCapabilities.contains($0.string ?? "") }
      }
      let text = "must not include extra capabilities in securityContext.capabilities.add"
      found += check("non-default capabilities", adding, text)
    }
    let paths = (spec["volumes"]?.array ?? []).filter { $0["hostPath"] != nil }
    if !paths.isEmpty {
      found.append("hostPath volumes (\(named("volume", paths)))")
    }
    let ports = containers.filter { container in
      (container["ports"]?.array ?? []).contains { ($0["hostPort"]?.int ?? 0) != 0 }
    }
    if !ports.isEmpty { found.append("hostPort (\(named("container", ports)) uses hostPorts)") }
    let privileged = containers.filter { $0.at("securityContext", "privileged") == true }
    found += check("privileged", privileged, "must not set securityContext.privileged=true")
    return found
  }

  private static let baselineCapabilities: Set<String> = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
  ]

  private static func restricted(_ spec: JSONValue, _ containers: [JSONValue]) -> [String] {
    var found: [String] = []
    let escalating = containers.filter {
      $0.at("securityContext", "allowPrivilegeEscalation") != false
    }
    found += check(
      "allowPrivilegeEscalation != false", escalating,
      "must set securityContext.allowPrivilegeEscalation=false")
    let capable = containers.filter {
      !($0.at("securityContext", "capabilities", "drop")?.array ?? []).contains("ALL")
    }
    found += check(
      "unrestricted capabilities", capable,
      "must set securityContext.capabilities.drop=[\"ALL\"]")
    let podNonRoot = spec.at("securityContext", "runAsNonRoot") == true
    let root = containers.filter { container in
      let own = container.at("securityContext", "runAsNonRoot")
      return own == nil ? !podNonRoot : own != true
    }
    found += check(
      "runAsNonRoot != true", root,
      "must set securityContext.runAsNonRoot=true", orPod: true, all: containers.count)
    let zero = containers.filter { $0.at("securityContext", "runAsUser") == 0 }
    found += check("runAsUser=0", zero, "must not set runAsUser=0")
    if spec.at("securityContext", "runAsUser") == 0 {
      found.append("runAsUser=0 (pod must not set runAsUser=0)")
    }
    let podProfile = isRestricted(spec.at("securityContext", "seccompProfile", "type"))
    let unconfined = containers.filter { container in
      let own = container.at("securityContext", "seccompProfile", "type")
      return own == nil ? !podProfile : !isRestricted(own)
    }
    found += check(
      "seccompProfile", unconfined,
      "must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
      orPod: true, all: containers.count)
    return found
  }

  private static func isRestricted(_ profile: JSONValue?) -> Bool {
    profile == "RuntimeDefault" || profile == "Localhost"
  }

  private static func check(
    _ name: String, _ containers: [JSONValue], _ text: String, orPod: Bool = false, all: Int = 0
  ) -> [String] {
    guard !containers.isEmpty else { return [] }
    let subject = named("container", containers)
    return ["\(name) (\(orPod ? "pod or " : "")\(subject) \(text))"]
  }

  private static func named(_ noun: String, _ items: [JSONValue]) -> String {
    let names = items.map { "\"\($0["name"]?.string ?? "")\"" }
    return "\(noun)\(names.count == 1 ? "" : "s") \(names.joined(separator: ", "))"
  }
}

extension Cluster {
  private static let labels = "pod-security.kubernetes.io"

  /// Refuses a pod that violates the level enforced in its namespace.
  func enforcePodSecurity(_ pod: JSONValue) throws(APIError) {
    guard let labels = store[.namespace, ObjectKey("", pod.namespace)]?.labels,
      let level = labels["\(Self.labels)/enforce"]
    else { return }
    let found = PodSecurity.violations(of: pod, level: level)
    guard !found.isEmpty else { return }
    let version = labels["\(Self.labels)/enforce-version"] ?? "latest"
    throw .forbidden(
      .pod, pod.name,
      "violates PodSecurity \"\(level):\(version)\": \(found.joined(separator: ", "))")
  }

  /// The warnings about a pod template; the enforced level warns, too.
  func podSecurityWarnings(namespace: String, template: JSONValue) -> [String] {
    guard let labels = store[.namespace, ObjectKey("", namespace)]?.labels else { return [] }
    let name = labels["\(Self.labels)/warn"] == nil ? "enforce" : "warn"
    guard let level = labels["\(Self.labels)/\(name)"] else { return [] }
    let found = PodSecurity.violations(of: template, level: level)
    guard !found.isEmpty else { return [] }
    let version = labels["\(Self.labels)/\(name)-version"] ?? "latest"
    return ["would violate PodSecurity \"\(level):\(version)\": \(found.joined(separator: ", "))"]
  }
}
