import Kubernetes

/// The admission plugins that change or refuse what is otherwise valid.
extension Cluster {
  func admit(
    _ object: inout JSONValue, _ type: ResourceType, live: JSONValue?, _ options: WriteOptions,
    _ warnings: inout [String]
  ) throws(APIError) {
    switch type {
    case .pod where live == nil:
      try admitPod(&object)
    case .deployment, .replicaSet:
      guard !options.isController else { return }
      warnings += podSecurityWarnings(
        namespace: object.namespace, template: object.at("spec", "template") ?? [:])
    default: break
    }
  }

  private func admitPod(_ object: inout JSONValue) throws(APIError) {
    applyServiceAccount(to: &object)
    try applyLimitRanges(to: &object)
    object.setDefault(0, at: "spec", "priority")
    object.setDefault("PreemptLowerPriority", at: "spec", "preemptionPolicy")
    if object.at("spec", "tolerations") == nil {
      let tolerations = ["not-ready", "unreachable"].map { taint -> JSONValue in
        [
          "key": .string("node.kubernetes.io/\(taint)"), "operator": "Exists",
          "effect": "NoExecute", "tolerationSeconds": 300,
        ]
      }
      object.set(.array(tolerations), at: "spec", "tolerations")
    }
    let quality = PodDefaults.qualityOfService(of: object)
    object.set(.string(quality), at: "status", "qosClass")
    try enforcePodSecurity(object)
  }

  /// The ServiceAccount plugin: account name and mounted token.
  private func applyServiceAccount(to object: inout JSONValue) {
    object.setDefault("default", at: "spec", "serviceAccountName")
    let name = object.at("spec", "serviceAccountName")?.string ?? "default"
    object.setDefault(.string(name), at: "spec", "serviceAccount")
    let account = store[.serviceAccount, ObjectKey(object.namespace, name)]
    let mounts =
      object.at("spec", "automountServiceAccountToken")?.bool
      ?? account?["automountServiceAccountToken"]?.bool ?? true
    guard mounts else { return }
    let volume = "kube-api-access-\(random.suffix())"
    let mountPath: JSONValue = "/var/run/secrets/kubernetes.io/serviceaccount"
    object.edit("spec") { spec in
      var volumes = spec["volumes"]?.array ?? []
      volumes.append(Self.tokenVolume(volume))
      spec["volumes"] = .array(volumes)
      for list in ["containers", "initContainers"] {
        spec.editItems(list) { container in
          var mounts = container["volumeMounts"]?.array ?? []
          guard !mounts.contains(where: { $0["mountPath"] == mountPath }) else { return }
          mounts.append([
            "name": .string(volume), "readOnly": true, "mountPath": mountPath,
          ])
          container["volumeMounts"] = .array(mounts)
        }
      }
    }
  }

  private static func tokenVolume(_ name: String) -> JSONValue {
    [
      "name": .string(name),
      "projected": [
        "sources": [
          ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
          [
            "configMap": [
              "name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]],
            ]
          ],
          [
            "downwardAPI": [
              "items": [
                [
                  "path": "namespace",
                  "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"],
                ]
              ]
            ]
          ],
        ],
        "defaultMode": 420,
      ],
    ]
  }

  // MARK: - LimitRange

  private func applyLimitRanges(to object: inout JSONValue) throws(APIError) {
    let ranges = store.list(.limitRange, namespace: object.namespace)
    let items = ranges.flatMap { $0.at("spec", "limits")?.array ?? [] }
      .filter { $0["type"] == "Container" }
    guard !items.isEmpty else { return }
    object.edit("spec") { spec in
      for list in ["containers", "initContainers"] {
        spec.editItems(list) { container in
          for item in items { Self.applyLimits(of: item, to: &container) }
        }
      }
    }
    for container in object.at("spec", "containers")?.array ?? [] {
      for item in items { try checkLimits(item, container, of: object) }
    }
  }

  private static func applyLimits(of item: JSONValue, to container: inout JSONValue) {
    let requests = container.at("resources", "requests")?.object ?? [:]
    for (name, value) in item["default"]?.object ?? [:] {
      container.setDefault(value, at: "resources", "limits", name)
    }
    for (name, value) in item["defaultRequest"]?.object ?? [:] where requests[name] == nil {
      container.setDefault(value, at: "resources", "requests", name)
    }
  }

  private func checkLimits(
    _ item: JSONValue, _ container: JSONValue, of pod: JSONValue
  ) throws(APIError) {
    let limits = container.at("resources", "limits")
    let requests = container.at("resources", "requests")
    for (name, bound) in (item["min"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      let text = bound.string ?? ""
      guard let request = requests?[name] else {
        throw .forbidden(
          .pod, pod.name,
          "minimum \(name) usage per Container is \(text).  No request is specified")
      }
      guard let least = Quantity(bound), let wanted = Quantity(request), wanted < least else {
        continue
      }
      throw .forbidden(
        .pod, pod.name,
        "minimum \(name) usage per Container is \(text), but request is \(request.string ?? "")")
    }
    for (name, bound) in (item["max"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      let text = bound.string ?? ""
      guard let limit = limits?[name] else {
        throw .forbidden(
          .pod, pod.name,
          "maximum \(name) usage per Container is \(text).  No limit is specified")
      }
      guard let most = Quantity(bound), let wanted = Quantity(limit), wanted > most else {
        continue
      }
      throw .forbidden(
        .pod, pod.name,
        "maximum \(name) usage per Container is \(text), but limit is \(limit.string ?? "")")
    }
  }

  // MARK: - Addresses of Services

  /// Gives a Service its cluster address and node ports.
  func allocateAddresses(
    of object: inout JSONValue, _ type: ResourceType, dryRun: Bool
  ) throws(APIError) {
    guard type == .service, object.at("spec", "type") != "ExternalName" else { return }
    if object.at("spec", "clusterIP") == nil {
      // A dry run takes no address, so it shows the first one.
      let address = dryRun ? "10.96.0.0" : freeServiceAddress()
      object.set(.string(address), at: "spec", "clusterIP")
    }
    if object.at("spec", "clusterIPs") == nil, let address = object.at("spec", "clusterIP") {
      object.set([address], at: "spec", "clusterIPs")
    }
    let kind = object.at("spec", "type")
    guard kind == "NodePort" || kind == "LoadBalancer",
      object.at("spec", "allocateLoadBalancerNodePorts") != false
    else { return }
    var ports: [JSONValue] = []
    for var port in object.at("spec", "ports")?.array ?? [] {
      port.setDefault(.integer(Int64(30000 + random.next() % 2768)), at: "nodePort")
      ports.append(port)
    }
    object.set(.array(ports), at: "spec", "ports")
  }

  private func freeServiceAddress() -> String {
    while true {
      let number = random.next()
      let address = "10.96.\((number >> 8) % 256).\(number % 254 + 1)"
      // The registry only grows: 65,000 Services are beyond a sandbox.
      if serviceAddresses.insert(address).inserted || serviceAddresses.count > 60_000 {
        return address
      }
    }
  }
}
