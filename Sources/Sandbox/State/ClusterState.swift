import Foundation
import Kubernetes
import Logging

/// Keeping the cluster in a file, and taking it up from there.
extension Cluster {
  /// How long changes may wait to be written, in real seconds.
  private static let saveDelay = 0.5
  /// How much of the time may go into writing: at most a fifth.
  private static let saveRest = 4.0
  /// By how much the version rises with a restart. More than a crash can have
  /// lost, so that no version is ever given twice.
  private static let revisionStep = 1_000_000

  /// Begins: where the state file ends, or with an empty cluster. Nobody else
  /// can have the file from now on; a folder that can't be written is told now
  /// rather than after an hour's work.
  func start() throws(SandboxStateError) {
    if let stateFile { stateLock = try StateLock(stateFile) }
    if let saved = try stateFile?.read() { restore(saved) } else { bootstrap() }
  }

  // MARK: - Saving

  /// Something changed; it is written soon.
  func noticeUnsaved() {
    guard stateFile != nil, !isSaveDue else { return }
    isSaveDue = true
    scheduleExactly(.save, after: Self.saveDelay)
  }

  func beginSaving() {
    guard let stateFile, saving == nil, !isStopped else { return }
    let state = snapshot()
    saving = Task {
      let start = ContinuousClock.now
      do throws(SandboxStateError) {
        try await stateFile.writeElsewhere(state)
      } catch {
        logger.error("\(error)")
      }
      finishSaving(state.revision, start.duration(to: .now))
    }
  }

  private func finishSaving(_ revision: Int, _ time: Duration) {
    saving = nil
    isSaveDue = store.revision > revision
    guard isSaveDue else { return }
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    scheduleExactly(.save, after: max(Self.saveDelay, seconds * Self.saveRest))
  }

  /// Writes the last state of a cluster that has stopped.
  func saveFinally() async throws(SandboxStateError) {
    await saving?.value
    try await stateFile?.writeElsewhere(snapshot())
  }

  /// Lets another sandbox go on with the state.
  func unlockState() { stateLock?.release() }

  private func snapshot() -> SavedState {
    SavedState(
      revision: store.revision, random: random.position, nextPodAddress: nextPodAddress,
      objects: Kinds.all.flatMap { store.list($0.type) })
  }

  // MARK: - Restoring

  private func restore(_ saved: SavedState) {
    random = SeededRandom(seed: saved.random)
    nextPodAddress = saved.nextPodAddress
    for object in saved.objects {
      guard let type = Kinds.type(of: object) else { continue }
      store.restore(type, object)
    }
    store.resume(after: saved.revision, step: Self.revisionStep)
    store.forEach(.node) { node in
      scheduler.addNode(node.name, Scheduler.Room(ofNode: node))
    }
    store.forEach(.service) { service in
      if let address = service.at("spec", "clusterIP")?.string { serviceAddresses.insert(address) }
    }
    eventOrder = store.list(.event)
      .sorted { Self.version($0) < Self.version($1) }
      .map { ($0.uid, ObjectKey($0)) }
    for pod in store.list(.pod) { resumePod(pod) }
    for kind in Kinds.all {
      for object in store.list(kind.type) { resume(kind.type, object) }
    }
  }

  private static func version(_ object: JSONValue) -> Int {
    object.at("metadata", "resourceVersion")?.string.flatMap { Int($0) } ?? 0
  }

  /// Lets the controllers look at an object again.
  private func resume(_ type: ResourceType, _ object: JSONValue) {
    noticeChange(Change(kind: .modified, type: type, revision: store.revision, object: object))
    let key = ObjectKey(object)
    switch type {
    case .deployment: resumeRollout(object)
    case .horizontalPodAutoscaler: enqueue(.autoscaler(key))
    case .namespace where object.isTerminating: enqueue(.namespace(key.name))
    case .persistentVolumeClaim where object.isTerminating: enqueue(.claim(key))
    default: break
    }
    if object.finalizers.contains("foregroundDeletion") {
      enqueue(.foreground(ObjectReference(type: type, key: key)))
    }
  }
}

extension Kinds {
  /// The kind that an object says it is.
  static func type(of object: JSONValue) -> ResourceType? {
    guard let kind = object["kind"]?.string, let version = object["apiVersion"]?.string else {
      return nil
    }
    return all.first { $0.type.kind == kind && $0.type.apiVersion == version }?.type
  }
}

extension Store {
  /// Puts an object where it was, without telling anybody.
  mutating func restore(_ type: ResourceType, _ object: JSONValue) {
    _ = put(type, object, keepingVersion: true)
  }

  /// Goes on after a revision. What came before it is forgotten.
  mutating func resume(after revision: Int, step: Int) {
    self.revision = (revision / step + 1) * step
    forgetHistory()
  }
}
