import Foundation
import Kubernetes
import Logging

/// The simulated cluster: objects, watchers, controllers and their timers.
///
/// Everything happens inside this actor, one request or controller step at a
/// time, so no two writes ever race.
actor Cluster {
  let configuration: SandboxConfiguration
  let faults: FaultInjector
  let logger: Logger
  var store: Store
  var random: SeededRandom
  var watchers: [Int: Watcher] = [:]
  var nextWatcher = 0
  /// Once the server stops, a new watch ends as soon as it began.
  private(set) var isStopped = false

  /// What the controllers must look at, in the order it became dirty.
  var work: [WorkItem] = []
  var pendingWork: Set<WorkItem> = []
  private var timers = TimerQueue<TimerAction>()
  private var armed: (deadline: ContinuousClock.Instant, task: Task<Void, Never>)?

  var scheduler = Scheduler()
  /// What the running containers do next, by pod UID.
  var podRuns: [String: PodRun] = [:]
  /// The pods that no node has room for, by UID.
  var waitingPods: [String: ObjectKey] = [:]
  /// What pods of one ReplicaSet share, so that 20,000 pods fit in memory.
  var podParts: [String: PodParts] = [:]
  var nextPodAddress = 2
  var serviceAddresses: Set<String> = []
  var loadPhase = 0.0
  /// When a Deployment (by UID) will have made no progress for too long.
  var progressDeadlines: [String: ContinuousClock.Instant] = [:]
  /// The events that may still be counted up, and all in their order.
  var eventKeys: [String: ObjectKey] = [:]
  var eventOrder: [(note: String, key: ObjectKey)] = []
  var eventStart = 0
  /// Whether a load tick is due.
  var isLoadMoving = false
  /// Where the cluster is kept; `nil` when it is thrown away.
  let stateFile: StateFile?
  /// Keeps other sandboxes from that file.
  var stateLock: StateLock?
  /// Whether something is to be written.
  var isSaveDue = false
  /// What is being written.
  var saving: Task<Void, Never>?
  /// The tokens of service accounts. They end with the process, as nothing else
  /// here lives longer.
  var tokens: [String: AccountToken] = [:]
  /// Whether the next of the many bookmarks is due that a fault asks for.
  var areBookmarksDue = false

  init(configuration: SandboxConfiguration, faults: FaultInjector, logger: Logger) {
    self.configuration = configuration
    self.faults = faults
    self.logger = logger
    stateFile = configuration.statePath.map(StateFile.init)
    store = Store(historyLimit: configuration.historyLimit, firstRevision: 100)
    random = SeededRandom(seed: configuration.seed)
  }

  /// The time as objects carry it.
  var now: String { Timestamp.text(Date()) }

  /// Ends every stream and timer.
  func shutDown() {
    isStopped = true
    armed?.task.cancel()
    armed = nil
    for watcher in watchers.values { watcher.stream.finish() }
    watchers.removeAll()
  }

  // MARK: - Committing

  /// Stores an object, tells the watchers and wakes the controllers.
  @discardableResult
  func commit(_ type: ResourceType, _ object: JSONValue) -> JSONValue {
    let change = store.put(type, object)
    publish(change)
    return change.object
  }

  /// Takes an object out of the store for good.
  @discardableResult
  func erase(_ type: ResourceType, _ key: ObjectKey) -> JSONValue? {
    guard let change = store.remove(type, key) else { return nil }
    publish(change)
    return change.object
  }

  private func publish(_ change: Change) {
    for watcher in watchers.values where watcher.wants(change) { deliver(change, to: watcher) }
    noticeChange(change)
    noticeUnsaved()
  }

  // MARK: - Timers

  /// Does `action` after a simulated delay (divided by `speed`).
  func schedule(_ action: TimerAction, after seconds: Double) {
    scheduleExactly(action, after: seconds / configuration.speed)
  }

  /// Does `action` after a delay in real seconds.
  func scheduleExactly(_ action: TimerAction, after seconds: Double) {
    let deadline = ContinuousClock.now + .seconds(max(seconds, 0))
    timers.add(action, at: deadline)
    arm()
  }

  private func arm() {
    guard let deadline = timers.nextDeadline else { return }
    if let armed, armed.deadline <= deadline { return }
    armed?.task.cancel()
    let task = Task { [weak self] in
      guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
      await self?.fire()
    }
    armed = (deadline, task)
  }

  private func fire() {
    armed = nil
    let now = ContinuousClock.now
    while let action = timers.popDue(at: now) { perform(action) }
    arm()
  }
}

/// What happens at a time.
enum TimerAction: Sendable {
  case controllers
  case pod(ObjectReference, uid: String, PodStep)
  case removePod(ObjectKey, uid: String)
  case work(WorkItem)
  case bookmark(watcher: Int)
  case lastBookmark(watcher: Int)
  case bookmarks
  case save
  case endWatch(watcher: Int)
  case load
}

extension Cluster {
  private func perform(_ action: TimerAction) {
    switch action {
    case .controllers: runControllers()
    case .pod(let reference, let uid, let step): advancePod(reference.key, uid: uid, step)
    case .removePod(let key, let uid): removePod(key, uid: uid)
    case .work(let item): enqueue(item)
    case .bookmark(let watcher): sendBookmark(to: watcher, isLast: false)
    case .lastBookmark(let watcher): sendBookmark(to: watcher, isLast: true)
    case .bookmarks: sendManyBookmarks()
    case .save: beginSaving()
    case .endWatch(let watcher): stopWatching(watcher)
    case .load: moveLoad()
    }
  }
}
