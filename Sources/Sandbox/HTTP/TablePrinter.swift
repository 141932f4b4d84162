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

  /// Name, what the kind has, age, and then what `-o wide` adds.
  private static func columns(of type: ResourceType) -> [TableColumn] {
    let own = TableColumn.columns(of: type.kind)
    let last = TableColumn(type.kind.hasSuffix("Role") ? "Created At" : "Age") {
      type.kind.hasSuffix("Role") ? $0.text("metadata", "creationTimestamp") : age($0)
    }
    let name = [TableColumn("Name") { $0.name }]
    // An event tells its time first.
    if type == .event { return [TableColumn("Last Seen", value: lastSeen)] + own + name.wide }
    return name + own.filter { !$0.isWide } + [last] + own.filter(\.isWide)
  }

  private static func age(_ object: JSONValue) -> String {
    elapsed(since: object.at("metadata", "creationTimestamp")?.string)
  }

  private static func lastSeen(_ event: JSONValue) -> String {
    elapsed(
      since: event["lastTimestamp"]?.string ?? event["eventTime"]?.string
        ?? event.at("metadata", "creationTimestamp")?.string)
  }

  private static func elapsed(since text: String?) -> String {
    guard let date = text.flatMap({ Timestamp.date($0) }) else { return "<unknown>" }
    let seconds = max(0, Int(Date().timeIntervalSince(date)))
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<7200: return "\(seconds / 60)m"
    case ..<172_800: return "\(seconds / 3600)h"
    default: return "\(seconds / 86_400)d"
    }
  }
}

extension [TableColumn] {
  fileprivate var wide: [TableColumn] {
    map { TableColumn($0.name, isWide: true, value: $0.value) }
  }
}
