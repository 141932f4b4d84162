import Crypto
import Foundation
import Kubernetes

/// The values that the API server fills in (the `defaults.go` of each group).
enum Defaults {
  static func applied(to input: JSONValue, type: ResourceType) -> JSONValue {
    var object = input.withoutNulls
    dropEmptyMetadata(&object)
    switch type.kind {
    case "Namespace": namespace(&object)
    case "Deployment": deployment(&object)
    case "ReplicaSet": replicaSet(&object)
    case "Pod": pod(&object)
    case "Service": service(&object)
    case "Secret": secret(&object)
    case "PersistentVolumeClaim": claim(&object)
    case "HorizontalPodAutoscaler": autoscaler(&object)
    case "PodDisruptionBudget": disruptionBudget(&object)
    case "NetworkPolicy": networkPolicy(&object)
    case "Ingress": object.setDefault(["loadBalancer": [:]], at: "status")
    case "ResourceQuota": object.setDefault([:], at: "status")
    case "LimitRange": limitRange(&object)
    case "RoleBinding", "ClusterRoleBinding": binding(&object)
    case "Event": event(&object)
    default: break
    }
    return object
  }

  /// What an object of this kind has before anything is set: the starting
  /// point for the field owners of a new object.
  static func emptyObject(_ type: ResourceType) -> JSONValue {
    var object: JSONValue = ["metadata": [:], "spec": [:], "status": [:]]
    let template: JSONValue = ["metadata": [:], "spec": ["containers": nil]]
    switch type.kind {
    case "Deployment", "ReplicaSet":
      object["spec"] = ["selector": nil, "template": template, "strategy": [:]]
    case "Pod": object["spec"] = ["containers": nil]
    case "PersistentVolumeClaim": object["spec"] = ["resources": [:]]
    default: break
    }
    return object
  }

  private static func dropEmptyMetadata(_ object: inout JSONValue) {
    object.edit("metadata") { metadata in
      for key in ["labels", "annotations"] where metadata[key]?.object?.isEmpty == true {
        metadata[key] = nil
      }
      for key in ["finalizers", "ownerReferences"] where metadata[key]?.array?.isEmpty == true {
        metadata[key] = nil
      }
    }
  }

  private static func namespace(_ object: inout JSONValue) {
    object.set(.string(object.name), at: "metadata", "labels", "kubernetes.io/metadata.name")
    object.setDefault(["kubernetes"], at: "spec", "finalizers")
    object.setDefault("Active", at: "status", "phase")
  }

  private static func deployment(_ object: inout JSONValue) {
    object.setDefault(1, at: "spec", "replicas")
    object.setDefault("RollingUpdate", at: "spec", "strategy", "type")
    if object.at("spec", "strategy", "type") == "RollingUpdate" {
      object.setDefault("25%", at: "spec", "strategy", "rollingUpdate", "maxUnavailable")
      object.setDefault("25%", at: "spec", "strategy", "rollingUpdate", "maxSurge")
    }
    object.setDefault(10, at: "spec", "revisionHistoryLimit")
    object.setDefault(600, at: "spec", "progressDeadlineSeconds")
    if object.at("spec", "paused") == false { object.set(nil, at: "spec", "paused") }
    object.setDefault([:], at: "status")
    template(&object)
  }

  private static func replicaSet(_ object: inout JSONValue) {
    object.setDefault(1, at: "spec", "replicas")
    object.setDefault(["replicas": 0], at: "status")
    template(&object)
  }

  private static func template(_ object: inout JSONValue) {
    object.edit("spec") { spec in
      spec.edit("template") { template in
        dropEmptyMetadata(&template)
        template.edit("spec", PodDefaults.apply)
      }
    }
  }

  private static func pod(_ object: inout JSONValue) {
    object.edit("spec", PodDefaults.apply)
    object.setDefault(true, at: "spec", "enableServiceLinks")
    object.setDefault("Pending", at: "status", "phase")
    object.setDefault(.string(PodDefaults.qualityOfService(of: object)), at: "status", "qosClass")
  }

  private static func service(_ object: inout JSONValue) {
    object.setDefault("ClusterIP", at: "spec", "type")
    object.setDefault("None", at: "spec", "sessionAffinity")
    let type = object.at("spec", "type")
    object.edit("spec") { spec in
      spec.editItems("ports") { port in
        port.setDefault("TCP", at: "protocol")
        if let number = port["port"], port["targetPort"] == nil { port["targetPort"] = number }
      }
      if type != "ExternalName" {
        spec.setDefault("Cluster", at: "internalTrafficPolicy")
        spec.setDefault(["IPv4"], at: "ipFamilies")
        spec.setDefault("SingleStack", at: "ipFamilyPolicy")
      }
      if type == "LoadBalancer" || type == "NodePort" {
        spec.setDefault("Cluster", at: "externalTrafficPolicy")
      }
      if type == "LoadBalancer" {
        spec.setDefault(true, at: "allocateLoadBalancerNodePorts")
      }
      if spec["sessionAffinity"] == "ClientIP" {
        spec.setDefault(10800, at: "sessionAffinityConfig", "clientIP", "timeoutSeconds")
      }
    }
    object.setDefault(["loadBalancer": [:]], at: "status")
  }

  private static func secret(_ object: inout JSONValue) {
    object.setDefault("Opaque", at: "type")
    for (key, value) in object["stringData"]?.strings ?? [:] {
      object.set(.string(Data(value.utf8).base64EncodedString()), at: "data", key)
    }
    object["stringData"] = nil
  }

  private static func claim(_ object: inout JSONValue) {
    object.setDefault("Filesystem", at: "spec", "volumeMode")
    object.setDefault("Pending", at: "status", "phase")
    let protection: JSONValue = "kubernetes.io/pvc-protection"
    var finalizers = object.at("metadata", "finalizers")?.array ?? []
    guard !finalizers.contains(protection), !object.isTerminating else { return }
    finalizers.append(protection)
    object.set(.array(finalizers), at: "metadata", "finalizers")
  }

  private static func autoscaler(_ object: inout JSONValue) {
    object.setDefault(1, at: "spec", "minReplicas")
    let average: JSONValue = ["type": "Utilization", "averageUtilization": 80]
    object.setDefault(
      [["type": "Resource", "resource": ["name": "cpu", "target": average]]],
      at: "spec", "metrics")
    object.setDefault(["desiredReplicas": 0], at: "status")
    if object.at("status", "currentMetrics") == nil {
      object.set(JSONValue.null, at: "status", "currentMetrics")
    }
  }

  private static func disruptionBudget(_ object: inout JSONValue) {
    object.setDefault(
      ["disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0],
      at: "status")
  }

  private static func networkPolicy(_ object: inout JSONValue) {
    let hasEgress = object.at("spec", "egress")?.array?.isEmpty == false
    object.setDefault(hasEgress ? ["Ingress", "Egress"] : ["Ingress"], at: "spec", "policyTypes")
    for direction in ["ingress", "egress"] {
      object.edit("spec") { spec in
        spec.editItems(direction) { rule in
          rule.editItems("ports") { $0.setDefault("TCP", at: "protocol") }
        }
      }
    }
  }

  private static func limitRange(_ object: inout JSONValue) {
    object.edit("spec") { spec in
      spec.editItems("limits") { item in
        guard item["type"] == "Container" else { return }
        for (name, value) in item["max"]?.object ?? [:] {
          item.setDefault(value, at: "default", name)
        }
        for source in ["default", "min"] {
          for (name, value) in item[source]?.object ?? [:] {
            item.setDefault(value, at: "defaultRequest", name)
          }
        }
      }
    }
  }

  private static func binding(_ object: inout JSONValue) {
    object.setDefault("rbac.authorization.k8s.io", at: "roleRef", "apiGroup")
    object.editItems("subjects") { subject in
      let kind = subject["kind"]
      if kind == "User" || kind == "Group" {
        subject.setDefault("rbac.authorization.k8s.io", at: "apiGroup")
      }
    }
  }

  private static func event(_ object: inout JSONValue) {
    for key in ["firstTimestamp", "lastTimestamp", "eventTime"] where object[key] == nil {
      object[key] = JSONValue.null
    }
    object.setDefault([:], at: "source")
    object.setDefault("", at: "reportingComponent")
    object.setDefault("", at: "reportingInstance")
  }
}
