internal import Kubernetes

/// A draft filled in from a Deployment that somebody else made (Kubernetes API,
/// DeploymentSpec), and what a specification can't say of it.
public struct DeploymentReading: Sendable {
  /// Under another name, because two Deployments can't have one. Values that
  /// look secret are among ``ApplicationDraft/secretValues``, unsealed.
  public private(set) var draft = ApplicationDraft()
  /// What isn't taken over, a sentence each. No sentence has a variable's value.
  public private(set) var left: [String] = []

  /// What every Deployment has, or what says nothing about the program.
  private static let plain: [String: JSONValue] = [
    "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30, "securityContext": [:], "serviceAccountName": "default",
    "serviceAccount": "default", "enableServiceLinks": true, "automountServiceAccountToken": true,
  ]

  /// - Parameter autoscaler: the one that scales it; nil without one.
  init(_ deployment: JSONValue, autoscaler: JSONValue? = nil) {
    let name = deployment.at("metadata", "name")?.string ?? ""
    draft.name = "\(name)-2"
    draft.replicas = String(deployment.at("spec", "replicas")?.int ?? 1)
    let pod = deployment.at("spec", "template", "spec") ?? .null
    let containers = pod["containers"]?.array ?? []
    let main = containers.first { $0["name"]?.string == name } ?? containers.first ?? .null
    for other in containers where other != main {
      left.append("The container “\(other["name"]?.string ?? "")” beside it isn't taken over.")
    }
    take(container: main)
    take(strategy: deployment.at("spec", "strategy") ?? .null)
    take(pod: pod)
    if let autoscaler { take(autoscaler: autoscaler) }
  }

  // MARK: Parts

  private mutating func take(container: JSONValue) {
    draft.image = container["image"]?.string ?? ""
    draft.command = words(container["command"], "command")
    draft.arguments = words(container["args"], "arguments")
    take(ports: container["ports"]?.array ?? [])
    for variable in container["env"]?.array ?? [] { take(variable: variable) }
    let resources = container["resources"]
    draft.cpuRequest = resources?.at("requests", "cpu")?.amount ?? draft.cpuRequest
    draft.cpuLimit = resources?.at("limits", "cpu")?.amount ?? ""
    draft.memoryLimit = resources?.at("limits", "memory")?.amount ?? draft.memoryLimit
    draft.memoryRequest = resources?.at("requests", "memory")?.amount ?? draft.memoryRequest
    take(probe: container["readinessProbe"] ?? container["livenessProbe"])
    draft.restartsUnhealthy = container["livenessProbe"] != nil
    if let user = container.at("securityContext", "runAsUser")?.int { draft.userID = String(user) }
    let known: Set<String> = [
      "name", "image", "command", "args", "ports", "env", "resources", "readinessProbe",
      "livenessProbe", "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy",
      "volumeMounts",
    ]
    for key in (container.object ?? [:]).keys.sorted() where !known.contains(key) {
      left.append("\(key) of its container isn't taken over.")
    }
  }

  private mutating func words(_ list: JSONValue?, _ what: String) -> String {
    let words = (list?.array ?? []).compactMap(\.string)
    guard !words.contains(where: { $0.contains(where: \.isNewline) }) else {
      left.append("Its \(what) has line breaks within words, which the form can't hold.")
      return ""
    }
    return words.joined(separator: "\n")
  }

  private mutating func take(ports: [JSONValue]) {
    let rows = ports.compactMap { port in
      port["containerPort"]?.int.map { number in
        ApplicationDraft.PortRow(
          number: String(number), transport: port["protocol"]?.string ?? "TCP")
      }
    }
    let main = rows.firstIndex { $0.transport == "TCP" }
    draft.port = main.map { rows[$0].number } ?? ""
    draft.morePorts = rows.enumerated().filter { $0.offset != main }.map(\.element)
  }

  private mutating func take(variable: JSONValue) {
    let name = variable["name"]?.string ?? ""
    if let reference = variable.at("valueFrom", "secretKeyRef"),
      let secret = reference["name"]?.string, let key = reference["key"]?.string
    {
      draft.secrets.append(.init(name: name, reference: "\(secret)/\(key)"))
    } else if variable["valueFrom"] != nil {
      left.append("The variable \(name) comes from the pod or a ConfigMap; give it a value.")
    } else if SecretNames.isSecret(name, variable["value"]?.string ?? "") {
      draft.secretValues.append(.init(target: name, value: variable["value"]?.string ?? ""))
    } else {
      draft.environment.append(.init(name: name, value: variable["value"]?.string ?? ""))
    }
  }

  private mutating func take(probe: JSONValue?) {
    guard let probe else {
      draft.healthCheck = ApplicationDraft.HealthCheckChoice.none.rawValue
      return
    }
    if let path = probe.at("httpGet", "path")?.string {
      draft.healthCheck = ApplicationDraft.HealthCheckChoice.http.rawValue
      draft.healthPath = path
    } else if probe["exec"] != nil {
      draft.healthCheck = ApplicationDraft.HealthCheckChoice.command.rawValue
      draft.healthCommand = words(probe.at("exec", "command"), "health check")
    } else if probe["tcpSocket"] == nil {
      left.append("Its health check is of a kind that the form doesn't have.")
    }
  }

  private mutating func take(strategy: JSONValue) {
    if strategy["type"] == "Recreate" {
      left.append("It stops its old pods before new ones start; here new ones start first.")
    }
    if let surge = strategy.at("rollingUpdate", "maxSurge")?.amount { draft.surge = surge }
    if let away = strategy.at("rollingUpdate", "maxUnavailable")?.amount {
      draft.unavailable = away
    }
  }

  private mutating func take(pod: JSONValue) {
    let pull = (pod["imagePullSecrets"]?.array ?? []).compactMap { $0["name"]?.string }
    draft.pullSecret = pull.first ?? ""
    for name in pull.dropFirst() { left.append("The pull secret \(name) isn't taken over.") }
    if let user = pod.at("securityContext", "runAsUser")?.int, draft.userID.isEmpty {
      draft.userID = String(user)
    }
    for volume in pod["volumes"]?.array ?? [] {
      let kind = volume.object?.keys.first { $0 != "name" } ?? "volume"
      left.append(
        "Its volume “\(volume["name"]?.string ?? "")” (\(kind)) and what is in it stay with the "
          + "old Deployment; add files or a volume below.")
    }
    for (key, value) in (pod.object ?? [:]).sorted(by: { $0.key < $1.key })
    where !["containers", "volumes", "imagePullSecrets"].contains(key) && Self.plain[key] != value {
      left.append("\(key) of its pods isn't taken over.")
    }
  }

  private mutating func take(autoscaler: JSONValue) {
    draft.isAutoscaled = true
    draft.minimumReplicas = String(autoscaler.at("spec", "minReplicas")?.int ?? 1)
    draft.maximumReplicas = String(autoscaler.at("spec", "maxReplicas")?.int ?? 5)
    let metrics = autoscaler.at("spec", "metrics")?.array ?? []
    let target = metrics.first { $0.at("resource", "name") == "cpu" }?
      .at("resource", "target", "averageUtilization")?.int
    if let target { draft.targetCPU = String(target) }
    if metrics.count > 1 || (target == nil && !metrics.isEmpty) {
      left.append("Its autoscaler looks at more than CPU; here only CPU counts.")
    }
  }
}

extension JSONValue {
  /// A quantity, which may be written as a number.
  fileprivate var amount: String? { string ?? int.map(String.init) }
}
