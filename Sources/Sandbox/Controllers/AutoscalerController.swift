import Foundation
import Kubernetes

/// The autoscaler, fed by a simulated load that rises and falls.
extension Cluster {
  /// Simulated seconds between two looks at the load.
  private static let loadInterval = 15.0
  /// How far the load moves on its wave in one look; a round takes 10 minutes.
  private static let loadStep = 2 * Double.pi / 40

  func reconcileAutoscaler(_ key: ObjectKey) {
    guard configuration.autoscaling != .off, !isLoadMoving else { return }
    isLoadMoving = true
    schedule(.load, after: Self.loadInterval)
  }

  /// Moves the load and scales what it concerns. Rests when nobody is there.
  func moveLoad() {
    isLoadMoving = false
    let autoscalers = store.list(.horizontalPodAutoscaler)
    guard !autoscalers.isEmpty else { return }
    if configuration.autoscaling == .wave { loadPhase += Self.loadStep }
    for autoscaler in autoscalers { adjust(autoscaler) }
    isLoadMoving = true
    schedule(.load, after: Self.loadInterval)
  }

  private func adjust(_ autoscaler: JSONValue) {
    let reference = autoscaler.at("spec", "scaleTargetRef")
    let key = ObjectKey(autoscaler.namespace, reference?["name"]?.string ?? "")
    guard reference?["kind"] == "Deployment", let target = store[.deployment, key] else {
      writeAutoscalerStatus(autoscaler, current: 0, desired: 0, utilization: nil, target: nil)
      return
    }
    let minimum = autoscaler.at("spec", "minReplicas")?.int ?? 1
    let maximum = autoscaler.at("spec", "maxReplicas")?.int ?? minimum
    let current = target.at("spec", "replicas")?.int ?? 1
    // Zero switches the autoscaler off, as in Kubernetes.
    guard current > 0 else { return }
    guard Self.hasMetrics(target) else {
      return holdWithoutMetrics(autoscaler, target, min(max(current, minimum), maximum))
    }
    let load = 0.5 - 0.5 * cos(loadPhase)
    let wanted = Double(minimum) + load * Double(maximum - minimum)
    let desired = min(max(Int(wanted.rounded()), minimum), maximum)
    let goal = Self.goal(of: autoscaler)
    let utilization = max(1, Int(Double(goal) * wanted / Double(max(current, 1))))
    if desired != current { rescale(autoscaler, target, from: current, to: desired) }
    writeAutoscalerStatus(
      autoscaler, current: current, desired: desired, utilization: utilization, target: target)
  }

  /// Whether anybody measures the pods; an image name can say that nobody does.
  private static func hasMetrics(_ target: JSONValue) -> Bool {
    let containers = target.at("spec", "template", "spec", "containers")?.array ?? []
    return !containers.contains { $0["image"]?.string?.contains("nometrics") == true }
  }

  /// Keeps the number of pods within its bounds, which needs no measurement.
  private func holdWithoutMetrics(
    _ autoscaler: JSONValue, _ target: JSONValue, _ desired: Int
  ) {
    let current = target.at("spec", "replicas")?.int ?? 1
    if desired != current { rescale(autoscaler, target, from: current, to: desired) }
    writeAutoscalerStatus(
      autoscaler, current: current, desired: desired, utilization: nil, target: target)
    record(
      .init(
        on: autoscaler, reason: "FailedGetResourceMetric", message: Self.noMetrics,
        component: "horizontal-pod-autoscaler", isWarning: true))
  }

  private static let noMetrics =
    "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics "
    + "from resource metrics API: the server could not find the requested resource "
    + "(get pods.metrics.k8s.io)"

  private static func goal(of autoscaler: JSONValue) -> Int {
    let metrics = autoscaler.at("spec", "metrics")?.array ?? []
    return metrics.lazy.compactMap { $0.at("resource", "target", "averageUtilization")?.int }
      .first ?? 80
  }

  private func rescale(_ autoscaler: JSONValue, _ target: JSONValue, from: Int, to desired: Int) {
    var object = target
    object.set(.integer(Int64(desired)), at: "spec", "replicas")
    var options = WriteOptions.controller
    options.subresource = "scale"
    _ = try? replace(.deployment, target, with: object, ownership: nil, options)
    let cause =
      desired > from
      ? "cpu resource utilization (percentage of request) above target"
      : "All metrics below target"
    record(
      .init(
        on: autoscaler, reason: "SuccessfulRescale",
        message: "New size: \(desired); reason: \(cause)",
        component: "horizontal-pod-autoscaler"))
  }

  private func writeAutoscalerStatus(
    _ autoscaler: JSONValue, current: Int, desired: Int, utilization: Int?, target: JSONValue?
  ) {
    guard let live = store[.horizontalPodAutoscaler, ObjectKey(autoscaler)] else { return }
    let former = live["status"] ?? [:]
    var status: JSONValue = ["desiredReplicas": .integer(Int64(desired))]
    if current > 0 { status["currentReplicas"] = .integer(Int64(current)) }
    status["lastScaleTime"] = current == desired ? former["lastScaleTime"] : .string(now)
    status["currentMetrics"] =
      utilization.map { percent in
        let usage: JSONValue = [
          "averageUtilization": .integer(Int64(percent)), "averageValue": .string("\(percent)m"),
        ]
        return [["type": "Resource", "resource": ["name": "cpu", "current": usage]]]
      } ?? JSONValue.null
    status["conditions"] = .array(
      conditions(former, found: target != nil, isMeasured: target.map(Self.hasMetrics) ?? true))
    writeStatus(.horizontalPodAutoscaler, live) { $0["status"] = status }
  }

  private func conditions(
    _ former: JSONValue, found: Bool, isMeasured: Bool
  ) -> [JSONValue] {
    let wanted: [(String, Bool, String, String)] =
      !isMeasured
      ? [
        (
          "AbleToScale", true, "SucceededGetScale",
          "the HPA controller was able to get the target's current scale"
        ),
        (
          "ScalingActive", false, "FailedGetResourceMetric",
          "the HPA was unable to compute the replica count: \(Self.noMetrics)"
        ),
      ]
      : found
        ? [
          (
            "AbleToScale", true, "ReadyForNewScale",
            "recommended size matches current size"
          ),
          (
            "ScalingActive", true, "ValidMetricFound",
            "the HPA was able to successfully calculate a replica count from cpu resource "
              + "utilization (percentage of request)"
          ),
          (
            "ScalingLimited", false, "DesiredWithinRange",
            "the desired count is within the acceptable range"
          ),
        ]
        : [
          (
            "AbleToScale", false, "FailedGetScale",
            "the HPA controller was unable to get the target's current scale"
          )
        ]
    let list = former["conditions"]?.array ?? []
    return wanted.map { type, status, reason, message in
      let value: JSONValue = status ? "True" : "False"
      let before = list.first { $0["type"]?.string == type && $0["status"] == value }
      return [
        "type": .string(type), "status": value,
        "lastTransitionTime": before?["lastTransitionTime"] ?? .string(now),
        "reason": .string(reason), "message": .string(message),
      ]
    }
  }
}
