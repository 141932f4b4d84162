import Kubernetes

/// The status of PodDisruptionBudgets.
extension Cluster {
  func reconcileDisruptionBudget(_ key: ObjectKey) {
    guard let budget = store[.podDisruptionBudget, key], !budget.isTerminating else { return }
    let selector = LabelSelector(budget.at("spec", "selector"))
    let pods = store.list(.pod, namespace: key.namespace).filter {
      !$0.isTerminating && !Self.isFinished($0) && selector?.matches($0.labels) == true
    }
    let healthy = pods.count(where: Self.isReady)
    let expected = pods.count
    let desired: Int
    if let most = budget.at("spec", "maxUnavailable") {
      desired = max(0, expected - Self.amount(most, of: expected))
    } else {
      desired = Self.amount(budget.at("spec", "minAvailable") ?? 1, of: expected)
    }
    let allowed = max(0, healthy - desired)
    let reason = allowed > 0 ? "SufficientPods" : "InsufficientPods"
    let former = (budget.at("status", "conditions")?.array ?? []).first {
      $0["reason"] == .string(reason)
    }
    let condition: JSONValue = [
      "type": "DisruptionAllowed", "status": allowed > 0 ? "True" : "False",
      "observedGeneration": .integer(Int64(budget.generation)),
      "lastTransitionTime": former?["lastTransitionTime"] ?? .string(now),
      "reason": .string(reason), "message": "",
    ]
    writeStatus(.podDisruptionBudget, budget) { object in
      object["status"] = [
        "observedGeneration": .integer(Int64(budget.generation)),
        "disruptionsAllowed": .integer(Int64(allowed)),
        "currentHealthy": .integer(Int64(healthy)),
        "desiredHealthy": .integer(Int64(desired)),
        "expectedPods": .integer(Int64(expected)), "conditions": [condition],
      ]
    }
  }

  private static func amount(_ value: JSONValue, of total: Int) -> Int {
    if let number = value.int { return number }
    guard let text = value.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else {
      return 0
    }
    return (total * percent + 99) / 100
  }
}
