import Kubernetes

/// Something a controller must look at.
enum WorkItem: Sendable, Hashable {
  case deployment(ObjectKey)
  case replicaSet(ObjectKey)
  case endpoints(ObjectKey)
  case autoscaler(ObjectKey)
  case disruptionBudget(ObjectKey)
  case quotas(namespace: String)
  case namespace(String)
  case newNamespace(String)
  case garbage(uid: String)
  case foreground(ObjectReference)
  case claim(ObjectKey)
  case volume(ObjectKey)
  case address(ObjectReference)
  case scheduling
}

extension Cluster {
  /// How long controllers take to notice a change, in simulated seconds.
  private static let noticeDelay = 0.05
  /// The disruption controller is in no hurry.
  private static let disruptionDelay = 2.0

  func enqueue(_ item: WorkItem) {
    guard pendingWork.insert(item).inserted else { return }
    if work.isEmpty { schedule(.controllers, after: Self.noticeDelay) }
    work.append(item)
  }

  /// One round of the controllers. What they change themselves comes next round.
  func runControllers() {
    let batch = work
    work.removeAll(keepingCapacity: true)
    pendingWork.removeAll(keepingCapacity: true)
    for item in batch { reconcile(item) }
  }

  private func reconcile(_ item: WorkItem) {
    switch item {
    case .deployment(let key): reconcileDeployment(key)
    case .replicaSet(let key): reconcileReplicaSet(key)
    case .endpoints(let key): reconcileEndpoints(key)
    case .autoscaler(let key): reconcileAutoscaler(key)
    case .disruptionBudget(let key): reconcileDisruptionBudget(key)
    case .quotas(let namespace): reconcileQuotas(namespace: namespace)
    case .namespace(let name): terminateNamespace(name)
    case .newNamespace(let name): furnishNamespace(name)
    case .garbage(let uid): collectGarbage(of: uid)
    case .foreground(let reference): deleteForeground(reference)
    case .claim(let key): releaseClaim(key)
    case .volume(let key): bindClaim(key)
    case .address(let reference): giveAddress(reference)
    case .scheduling: scheduleWaitingPods()
    }
  }

  /// Wakes the controllers that a change concerns.
  func noticeChange(_ change: Change) {
    let object = change.object
    let key = ObjectKey(object)
    switch change.type {
    case .deployment: enqueue(.deployment(key))
    case .replicaSet:
      enqueue(.replicaSet(key))
      wakeController(of: object)
      if change.kind == .deleted { podParts[object.uid] = nil }
    case .pod: noticePod(change)
    case .service where change.kind != .deleted:
      enqueue(.endpoints(key))
      noticeAddress(.service, object)
    case .ingress where change.kind != .deleted: noticeAddress(.ingress, object)
    case .persistentVolumeClaim: noticeClaim(object, isGone: change.kind == .deleted)
    case .horizontalPodAutoscaler: if change.kind == .added { enqueue(.autoscaler(key)) }
    case .podDisruptionBudget:
      schedule(.work(.disruptionBudget(key)), after: Self.disruptionDelay)
    case .resourceQuota: enqueue(.quotas(namespace: key.namespace))
    case .namespace:
      if change.kind == .added { enqueue(.newNamespace(key.name)) }
      podParts.removeAll()
    case .limitRange, .serviceAccount: podParts.removeAll()
    default: break
    }
    if change.kind != .modified, QuotaUse.countedTypes.contains(change.type),
      store.count(.resourceQuota, namespace: key.namespace) > 0
    {
      enqueue(.quotas(namespace: key.namespace))
    }
    if change.kind == .deleted { noticeDeletion(change) }
  }

  private func noticePod(_ change: Change) {
    let pod = change.object
    wakeController(of: pod)
    for service in store.list(.service, namespace: pod.namespace) {
      guard let labels = service.at("spec", "selector")?.strings, !labels.isEmpty else { continue }
      let selector = LabelSelector(labels: labels)
      let concerned =
        selector.matches(pod.labels) || selector.matches(change.previous?.labels ?? [:])
      if concerned { enqueue(.endpoints(ObjectKey(service))) }
    }
    for budget in store.list(.podDisruptionBudget, namespace: pod.namespace) {
      schedule(.work(.disruptionBudget(ObjectKey(budget))), after: Self.disruptionDelay)
    }
    if change.kind == .added { startPod(pod) }
    if change.kind == .deleted { forgetPod(pod) }
  }

  private func wakeController(of object: JSONValue) {
    guard let owner = object.controller, let name = owner["name"]?.string else { return }
    let key = ObjectKey(object.namespace, name)
    if owner["kind"] == "ReplicaSet" { enqueue(.replicaSet(key)) }
    if owner["kind"] == "Deployment" { enqueue(.deployment(key)) }
  }

  private func noticeDeletion(_ change: Change) {
    let object = change.object
    if !store.dependents(of: object.uid).isEmpty { enqueue(.garbage(uid: object.uid)) }
    for owner in object.at("metadata", "ownerReferences")?.array ?? [] {
      guard let kind = owner["kind"]?.string, let name = owner["name"]?.string,
        let type = Kinds.all.first(where: { $0.type.kind == kind })?.type,
        let live = store[type, ObjectKey(object.namespace, name)], live.isTerminating
      else { continue }
      enqueue(.foreground(ObjectReference(type: type, key: ObjectKey(live))))
    }
    if change.type.isNamespaced,
      store[.namespace, ObjectKey("", object.namespace)]?.isTerminating == true
    {
      enqueue(.namespace(object.namespace))
    }
  }

  /// Writes as a controller does, when something changes.
  @discardableResult
  func writeStatus(
    _ type: ResourceType, _ live: JSONValue, subresource: String? = "status",
    _ change: (inout JSONValue) -> Void
  ) -> JSONValue {
    var object = live
    change(&object)
    guard object != live else { return live }
    let comparison = FieldComparison(from: live, to: object, type: Schema.type(of: type))
      .withoutSystemFields(statusWrite: subresource == "status")
    var owners = ManagedFields(of: live)
    let manager = FieldManager.controller(type.apiVersion, subresource: subresource)
    owners.update(by: manager, comparison: comparison, at: now)
    object.set(owners.json, at: "metadata", "managedFields")
    return commit(type, object)
  }
}
