import Foundation
import Kubernetes

/// Lists as `meta.k8s.io/v1` tables, for `kubectl get`.
enum TablePrinter {
  static func table(
    _ objects: [JSONValue], _ type: ResourceType, metadata: JSONValue
  ) -> JSONValue {
    let columns = columns(of: type)
    let definitions = columns.map { column -> JSONValue in
      [
        "name": .string(column.name), "type": "string",
        "format": column.name == "Name" ? "name" : "", "description": "",
        "priority": .integer(column.isWide ? 1 : 0),
      ]
    }
    let rows = objects.map { object -> JSONValue in
      [
        "cells": .array(columns.map { .string($0.value(object)) }),
        "object": [
          "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
          "metadata": object["metadata"] ?? [:],
        ],
      ]
    }
    return [
      "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
      "columnDefinitions": .array(definitions), "rows": .array(rows),
    ]
  }

  private struct Column {
    var name: String
    var isWide = false
    var value: (JSONValue) -> String
  }

  private static func columns(of type: ResourceType) -> [Column] {
    [Column(name: "Name") { $0.name }] + middle(type) + [Column(name: "Age", value: age)]
  }

  private static func middle(_ type: ResourceType) -> [Column] {
    ["Pod", "Deployment", "ReplicaSet"].contains(type.kind) ? workload(type) : other(type)
  }

  private static func workload(_ type: ResourceType) -> [Column] {
    switch type.kind {
    case "Pod":
      [
        Column(name: "Ready") { podReady($0) }, Column(name: "Status") { podStatus($0) },
        Column(name: "Restarts") { "\(restarts($0))" },
        Column(name: "IP", isWide: true) { text($0, "status", "podIP") },
        Column(name: "Node", isWide: true) { text($0, "spec", "nodeName") },
      ]
    case "Deployment":
      [
        Column(name: "Ready") {
          "\(number($0, "status", "readyReplicas"))/\(number($0, "spec", "replicas"))"
        },
        Column(name: "Up-to-date") { "\(number($0, "status", "updatedReplicas"))" },
        Column(name: "Available") { "\(number($0, "status", "availableReplicas"))" },
      ]
    default:
      [
        Column(name: "Desired") { "\(number($0, "spec", "replicas"))" },
        Column(name: "Current") { "\(number($0, "status", "replicas"))" },
        Column(name: "Ready") { "\(number($0, "status", "readyReplicas"))" },
      ]
    }
  }

  private static func other(_ type: ResourceType) -> [Column] {
    switch type.kind {
    case "Service":
      [
        Column(name: "Type") { text($0, "spec", "type") },
        Column(name: "Cluster-IP") { text($0, "spec", "clusterIP") },
        Column(name: "Port(s)", value: servicePorts),
      ]
    case "Namespace", "PersistentVolumeClaim":
      [Column(name: "Status") { text($0, "status", "phase") }]
    case "Node": [Column(name: "Status") { _ in "Ready" }]
    case "HorizontalPodAutoscaler":
      [
        Column(name: "Reference") {
          text($0, "spec", "scaleTargetRef", "kind") + "/"
            + text($0, "spec", "scaleTargetRef", "name")
        },
        Column(name: "MinPods") { "\(number($0, "spec", "minReplicas"))" },
        Column(name: "MaxPods") { "\(number($0, "spec", "maxReplicas"))" },
        Column(name: "Replicas") { "\(number($0, "status", "currentReplicas"))" },
      ]
    case "Event":
      [
        Column(name: "Type") { text($0, "type") }, Column(name: "Reason") { text($0, "reason") },
        Column(name: "Object") {
          text($0, "involvedObject", "kind").lowercased() + "/"
            + text($0, "involvedObject", "name")
        },
        Column(name: "Message") { text($0, "message") },
      ]
    case "ConfigMap", "Secret":
      [Column(name: "Data") { "\($0["data"]?.object?.count ?? 0)" }]
    default: []
    }
  }

  private static func text(_ object: JSONValue, _ path: String...) -> String {
    var value: JSONValue? = object
    for key in path { value = value?[key] }
    return value?.string ?? "<none>"
  }

  private static func number(_ object: JSONValue, _ first: String, _ second: String) -> Int {
    object.at(first, second)?.int ?? 0
  }

  private static func podReady(_ pod: JSONValue) -> String {
    let statuses = pod.at("status", "containerStatuses")?.array ?? []
    let total = pod.at("spec", "containers")?.array?.count ?? 0
    return "\(statuses.count { $0["ready"] == true })/\(total)"
  }

  private static func podStatus(_ pod: JSONValue) -> String {
    if pod.isTerminating { return "Terminating" }
    for status in pod.at("status", "containerStatuses")?.array ?? [] {
      for state in ["waiting", "terminated"] {
        if let reason = status.at("state", state, "reason")?.string { return reason }
      }
    }
    return text(pod, "status", "phase")
  }

  private static func restarts(_ pod: JSONValue) -> Int {
    (pod.at("status", "containerStatuses")?.array ?? []).compactMap { $0["restartCount"]?.int }
      .reduce(0, +)
  }

  private static func servicePorts(_ service: JSONValue) -> String {
    (service.at("spec", "ports")?.array ?? []).map { port in
      let node = port["nodePort"]?.int.map { ":\($0)" } ?? ""
      return "\(port["port"]?.int ?? 0)\(node)/\(port["protocol"]?.string ?? "TCP")"
    }.joined(separator: ",")
  }

  private static func age(_ object: JSONValue) -> String {
    guard let text = object.at("metadata", "creationTimestamp")?.string,
      let date = Timestamp.date(text)
    else { return "<unknown>" }
    let seconds = max(0, Int(Date().timeIntervalSince(date)))
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<7200: return "\(seconds / 60)m"
    case ..<172_800: return "\(seconds / 3600)h"
    default: return "\(seconds / 86_400)d"
    }
  }
}
