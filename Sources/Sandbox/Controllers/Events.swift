import Foundation
import Kubernetes

/// Something to tell in an Event.
struct EventNote: Sendable {
  var object: JSONValue
  var reason: String
  var message: String
  var component: String
  var isWarning = false
  /// The node, for events of a kubelet.
  var host: String?
  /// What the scheduler did; its events have another form.
  var action: String?

  init(
    on object: JSONValue, reason: String, message: String, component: String,
    isWarning: Bool = false, host: String? = nil, action: String? = nil
  ) {
    self.object = object
    self.reason = reason
    self.message = message
    self.component = component
    self.isWarning = isWarning
    self.host = host
    self.action = action
  }

  /// What makes two notes the same event. A refused pod has another name each
  /// time, so its message doesn't count.
  var key: String {
    let text = reason == "FailedCreate" ? "" : message
    return "\(object.uid)/\(reason)/\(text)"
  }
}

extension Cluster {
  /// How many events the sandbox keeps; the oldest go first. The real server
  /// keeps an hour.
  private static let eventLimit = 5000

  /// Writes an event, or counts one that is there already.
  func record(_ note: EventNote) {
    if let key = eventKeys[note.key], var event = store[.event, key] {
      event["count"] = .integer(Int64((event["count"]?.int ?? 1) + 1))
      event["message"] = .string(note.message)
      event["lastTimestamp"] = .string(now)
      commit(.event, event)
      return
    }
    let stamp = UInt64(Date().timeIntervalSince1970 * 1e9) &+ random.next() % 1000
    let namespace = note.object.namespace.isEmpty ? "default" : note.object.namespace
    guard store[.namespace, ObjectKey("", namespace)]?.isTerminating == false else { return }
    var event = note.action == nil ? eventBody(note) : schedulerEventBody(note)
    event["metadata"] = [
      "name": .string("\(note.object.name).\(String(stamp, radix: 16))"),
      "namespace": .string(namespace), "uid": .string(random.uuid()),
      "creationTimestamp": .string(now), "managedFields": [eventOwner(note)],
    ]
    let stored = commit(.event, event)
    eventKeys[note.key] = ObjectKey(stored)
    eventOrder.append((note.key, ObjectKey(stored)))
    if eventOrder.count - eventStart > Self.eventLimit { forgetOldestEvent() }
  }

  private func forgetOldestEvent() {
    let (note, key) = eventOrder[eventStart]
    eventStart += 1
    if eventKeys[note] == key { eventKeys[note] = nil }
    erase(.event, key)
    if eventStart > Self.eventLimit {
      eventOrder.removeFirst(eventStart)
      eventStart = 0
    }
  }

  private func involved(_ object: JSONValue, withVersion: Bool) -> JSONValue {
    var reference: JSONValue = [
      "kind": object["kind"] ?? "", "namespace": .string(object.namespace),
      "name": .string(object.name), "uid": .string(object.uid),
      "apiVersion": object["apiVersion"] ?? "",
    ]
    if withVersion { reference["resourceVersion"] = object.at("metadata", "resourceVersion") }
    return reference
  }

  private func eventBody(_ note: EventNote) -> JSONValue {
    var source: JSONValue = ["component": .string(note.component)]
    source["host"] = note.host.map(JSONValue.string)
    return [
      "kind": "Event", "apiVersion": "v1",
      "involvedObject": involved(note.object, withVersion: note.host == nil),
      "reason": .string(note.reason), "message": .string(note.message), "source": source,
      "firstTimestamp": .string(now), "lastTimestamp": .string(now), "count": 1,
      "type": note.isWarning ? "Warning" : "Normal", "eventTime": nil,
      "reportingComponent": .string(note.component),
      "reportingInstance": .string(note.host ?? ""),
    ]
  }

  private func schedulerEventBody(_ note: EventNote) -> JSONValue {
    [
      "kind": "Event", "apiVersion": "v1",
      "involvedObject": involved(note.object, withVersion: true),
      "reason": .string(note.reason), "message": .string(note.message), "source": [:],
      "firstTimestamp": nil, "lastTimestamp": nil,
      "type": note.isWarning ? "Warning" : "Normal",
      "eventTime": .string(Timestamp.microText(Date())),
      "action": .string(note.action ?? ""), "reportingComponent": .string(note.component),
      "reportingInstance": .string("\(note.component)-sandbox"),
    ]
  }

  private func eventOwner(_ note: EventNote) -> JSONValue {
    let isScheduler = note.action != nil
    let manager =
      isScheduler ? "kube-scheduler" : note.host == nil ? "kube-controller-manager" : "kubelet"
    return [
      "manager": .string(manager), "operation": "Update",
      "apiVersion": isScheduler ? "events.k8s.io/v1" : "v1", "time": .string(now),
      "fieldsType": "FieldsV1",
      "fieldsV1": isScheduler ? EventFields.scheduler : EventFields.plain(host: note.host != nil),
    ]
  }
}

private enum EventFields {
  static let scheduler = JSONValue.object(
    Dictionary(
      uniqueKeysWithValues: [
        "action", "eventTime", "note", "reason", "regarding", "reportingController",
        "reportingInstance", "type",
      ].map { ("f:\($0)", [:]) }))

  static func plain(host: Bool) -> JSONValue { host ? withHost : withoutHost }

  private static let withoutHost = fields(source: ["f:component": [:]], others: [])
  private static let withHost = fields(
    source: ["f:component": [:], "f:host": [:]], others: ["reportingInstance"])

  private static func fields(source: JSONValue, others: [String]) -> JSONValue {
    let names =
      [
        "count", "firstTimestamp", "involvedObject", "lastTimestamp", "message", "reason",
        "reportingComponent", "type",
      ] + others
    var object = JSONValue.object(
      Dictionary(uniqueKeysWithValues: names.map { ("f:\($0)", [:]) }))
    object["f:source"] = source
    return object
  }
}
