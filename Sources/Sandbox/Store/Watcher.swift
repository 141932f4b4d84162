import Kubernetes

/// Somebody who watches a kind.
struct Watcher: Sendable {
  var id: Int
  var type: ResourceType
  var namespace: String?
  var wantsBookmarks: Bool
  var stream: AsyncStream<Change>.Continuation

  func wants(_ change: Change) -> Bool {
    change.type == type && (namespace == nil || change.object.namespace == namespace)
  }
}

/// What a watch request asked for.
struct WatchOptions: Sendable {
  var namespace: String?
  /// `nil` or 0: first what is there now.
  var revision: Int?
  var wantsBookmarks = false
  var sendsInitialEvents = false
  /// Real seconds until the server ends the stream.
  var timeout: Double = 1800
}

extension Cluster {
  /// How often idle watchers that asked for it hear from the server, in real
  /// seconds; the API server does it about once a minute.
  private static let bookmarkInterval = 60.0
  /// How often every watcher hears from a server that sends only bookmarks.
  private static let faultInterval = 0.1
  /// How long before the end of a watch the last bookmark comes.
  private static let bookmarkLead = 2.0

  /// Starts a watch.
  ///
  /// - Throws: 410 when the wanted revision is no longer held.
  func watch(
    _ type: ResourceType, _ options: WatchOptions
  ) throws(APIError) -> (id: Int, changes: AsyncStream<Change>) {
    let backlog = try backlog(of: type, options)
    let limit = configuration.watchBuffer + backlog.count
    let (stream, continuation) = AsyncStream.makeStream(
      of: Change.self, bufferingPolicy: .bufferingOldest(limit))
    nextWatcher += 1
    let watcher = Watcher(
      id: nextWatcher, type: type, namespace: options.namespace,
      wantsBookmarks: options.wantsBookmarks, stream: continuation)
    watchers[watcher.id] = watcher
    for change in backlog { continuation.yield(change) }
    if isStopped { stopWatching(watcher.id) }
    scheduleExactly(.endWatch(watcher: watcher.id), after: options.timeout)
    if options.wantsBookmarks {
      scheduleExactly(.bookmark(watcher: watcher.id), after: Self.bookmarkInterval)
      let last = options.timeout - Self.bookmarkLead
      if last > 0 { scheduleExactly(.lastBookmark(watcher: watcher.id), after: last) }
    }
    return (watcher.id, stream)
  }

  /// Forgets a watcher whose client went away.
  func stopWatching(_ id: Int) {
    watchers.removeValue(forKey: id)?.stream.finish()
  }

  func deliver(_ change: Change, to watcher: Watcher) {
    // A client that doesn't read loses its stream rather than the server its
    // memory; it will list again, as with a real API server.
    if case .dropped = watcher.stream.yield(change) { stopWatching(watcher.id) }
  }

  func sendBookmark(to id: Int, isLast: Bool) {
    guard let watcher = watchers[id] else { return }
    deliver(bookmark(.bookmark, watcher.type), to: watcher)
    if !isLast { scheduleExactly(.bookmark(watcher: id), after: Self.bookmarkInterval) }
  }

  /// Tells every watcher how far the cluster is, which also makes it look again
  /// at what it held back.
  func noticeFaults() {
    for watcher in watchers.values { deliver(bookmark(.bookmark, watcher.type), to: watcher) }
    guard faults.faults.bookmarksOnly, !areBookmarksDue else { return }
    areBookmarksDue = true
    scheduleExactly(.bookmarks, after: Self.faultInterval)
  }

  func sendManyBookmarks() {
    areBookmarksDue = false
    if faults.faults.bookmarksOnly { noticeFaults() }
  }

  private func backlog(
    of type: ResourceType, _ options: WatchOptions
  ) throws(APIError) -> [Change] {
    if let revision = options.revision, revision > 0, !options.sendsInitialEvents {
      guard let changes = store.changes(of: type, after: revision, namespace: options.namespace)
      else {
        throw .expired("too old resource version: \(revision) (\(store.forgottenRevision))")
      }
      return changes
    }
    var changes = store.list(type, namespace: options.namespace).map { object in
      Change(kind: .added, type: type, revision: store.revision, object: object)
    }
    if options.sendsInitialEvents, options.wantsBookmarks {
      changes.append(bookmark(.initialEventsEnd, type))
    }
    return changes
  }

  private func bookmark(_ kind: Change.Kind, _ type: ResourceType) -> Change {
    var object: JSONValue = [
      "kind": .string(type.kind), "apiVersion": .string(type.apiVersion),
      "metadata": ["resourceVersion": .string(String(store.revision))],
    ]
    if kind == .initialEventsEnd {
      object.set("true", at: "metadata", "annotations", "k8s.io/initial-events-end")
    }
    return Change(kind: kind, type: type, revision: store.revision, object: object)
  }
}
