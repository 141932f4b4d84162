import Kubernetes

/// The EndpointSlice controller: one slice for each Service with a selector.
extension Cluster {
  func reconcileEndpoints(_ key: ObjectKey) {
    guard let service = store[.service, key], !service.isTerminating else { return }
    guard let labels = service.at("spec", "selector")?.strings, !labels.isEmpty else { return }
    let selector = LabelSelector(labels: labels)
    let pods = store.list(.pod, namespace: key.namespace).filter { pod in
      selector.matches(pod.labels) && pod.at("status", "podIP") != nil && !Self.isFinished(pod)
    }
    let endpoints = pods.map(Self.endpoint)
    let ports = (service.at("spec", "ports")?.array ?? []).compactMap { port in
      Self.port(port, pods.first)
    }
    guard let slice = store.dependents(of: service.uid, .endpointSlice).first else {
      makeSlice(of: service, endpoints, ports)
      return
    }
    let same =
      slice["endpoints"]?.array ?? [] == endpoints && slice["ports"]?.array ?? [] == ports
    guard !same else { return }
    writeStatus(.endpointSlice, slice, subresource: nil) { object in
      object["endpoints"] = .array(endpoints)
      object["ports"] = .array(ports)
      object.set(.integer(Int64(slice.generation + 1)), at: "metadata", "generation")
    }
  }

  private func makeSlice(of service: JSONValue, _ endpoints: [JSONValue], _ ports: [JSONValue]) {
    var labels = service.labels
    labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io"
    labels["kubernetes.io/service-name"] = service.name
    let slice: JSONValue = [
      "metadata": [
        "generateName": .string("\(service.name)-"), "namespace": .string(service.namespace),
        "labels": JSONValue(strings: labels),
        "ownerReferences": [Self.ownerReference(to: service)],
      ],
      "addressType": "IPv4", "endpoints": .array(endpoints), "ports": .array(ports),
    ]
    _ = try? create(.endpointSlice, namespace: service.namespace, slice, .controller)
  }

  private static func endpoint(of pod: JSONValue) -> JSONValue {
    let ready = isReady(pod)
    return [
      "addresses": [pod.at("status", "podIP") ?? ""],
      "conditions": [
        "ready": .bool(ready && !pod.isTerminating), "serving": .bool(ready),
        "terminating": .bool(pod.isTerminating),
      ],
      "targetRef": [
        "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name),
        "uid": .string(pod.uid),
      ],
      "nodeName": pod.at("spec", "nodeName") ?? "",
    ]
  }

  /// The port of the pods behind a Service's port; `nil` for a name that no
  /// container has.
  private static func port(_ port: JSONValue, _ pod: JSONValue?) -> JSONValue? {
    var number = port["targetPort"]?.int
    if number == nil, let name = port["targetPort"]?.string {
      let ports = (pod?.at("spec", "containers")?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
      number = ports.first { $0["name"]?.string == name }?["containerPort"]?.int
    }
    guard let number else { return nil }
    return [
      "name": port["name"] ?? "", "protocol": port["protocol"] ?? "TCP",
      "port": .integer(Int64(number)),
    ]
  }
}
