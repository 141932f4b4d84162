import Kubernetes

/// Why a kubelet can't make a container.
struct ContainerRefusal: Sendable, Equatable {
  let container: String
  let message: String

  /// Whether a pod may not run as root and names nobody else.
  static func forbidsRoot(_ container: JSONValue, _ pod: JSONValue) -> Bool {
    func setting(_ name: String) -> JSONValue? {
      container.at("securityContext", name) ?? pod.at("spec", "securityContext", name)
    }
    return setting("runAsNonRoot") == true && setting("runAsUser") == nil
  }
}

extension Cluster {
  /// What keeps a pod's containers from being made: root, or configuration that
  /// isn't there.
  func refusal(of pod: JSONValue) -> ContainerRefusal? {
    for container in pod.at("spec", "containers")?.array ?? [] {
      let name = container["name"]?.string ?? ""
      if ImageFate(container: container, in: pod) == .root {
        return ContainerRefusal(
          container: name,
          message: "container has runAsNonRoot and image will run as root (pod: "
            + "\"\(pod.name)_\(pod.namespace)(\(pod.uid))\", container: \(name))")
      }
      if let message = missingVariable(of: container, in: pod.namespace) {
        return ContainerRefusal(container: name, message: message)
      }
    }
    return nil
  }

  private func missingVariable(of container: JSONValue, in namespace: String) -> String? {
    for variable in container["env"]?.array ?? [] {
      let source = variable["valueFrom"]
      if let message = missing(.secret, source?["secretKeyRef"], in: namespace)
        ?? missing(.configMap, source?["configMapKeyRef"], in: namespace)
      {
        return message
      }
    }
    for source in container["envFrom"]?.array ?? [] {
      if let message = missing(.secret, source["secretRef"], in: namespace)
        ?? missing(.configMap, source["configMapRef"], in: namespace)
      {
        return message
      }
    }
    return nil
  }

  /// - Parameter reference: with a name, and with a key if one is wanted.
  private func missing(
    _ type: ResourceType, _ reference: JSONValue?, in namespace: String
  ) -> String? {
    guard let reference, reference["optional"] != true,
      let name = reference["name"]?.string
    else { return nil }
    guard let object = store[type, ObjectKey(namespace, name)] else {
      return "\(type.kind.lowercased()) \"\(name)\" not found"
    }
    guard let key = reference["key"]?.string else { return nil }
    if object.at("data", key) != nil || object.at("binaryData", key) != nil { return nil }
    return "couldn't find key \(key) in \(type.kind) \(namespace)/\(name)"
  }

  /// What the kubelet says about a volume of a Secret or ConfigMap that isn't there.
  func missingMount(of pod: JSONValue) -> String? {
    for volume in pod.at("spec", "volumes")?.array ?? [] {
      let sources: [(ResourceType, JSONValue?, String)] = [
        (.secret, volume["secret"], "secretName"), (.configMap, volume["configMap"], "name"),
      ]
      for (type, source, key) in sources {
        guard let source, source["optional"] != true, let name = source[key]?.string,
          store[type, ObjectKey(pod.namespace, name)] == nil
        else { continue }
        return "MountVolume.SetUp failed for volume \"\(volume["name"]?.string ?? "")\" : "
          + "\(type.kind.lowercased()) \"\(name)\" not found"
      }
    }
    return nil
  }
}
