import Hummingbird
import Kubernetes
import NIOCore

/// A watch as a stream of JSON lines.
struct WatchStream: Sendable {
  let cluster: Cluster
  let request: APIRequest
  let target: APITarget
  let inbound: RequestBody

  /// What ends a watch in the middle.
  private enum Broken: Error {
    case cut
    case tooMuchHeldBack
  }

  func response() async throws -> Response {
    let filter = try WatchFilter(request, target.kind.type)
    var options = WatchOptions(namespace: target.namespace)
    options.revision = request.number("resourceVersion")
    options.wantsBookmarks = request.flag("allowWatchBookmarks")
    options.sendsInitialEvents = request.flag("sendInitialEvents")
    if let seconds = request.number("timeoutSeconds") { options.timeout = Double(seconds) }
    do throws(APIError) {
      try cluster.faults.expire(options.revision ?? 0)
      let (id, changes) = try await cluster.watch(target.kind.type, options)
      return streaming(id, changes, filter, HeldChanges(options, cluster.faults))
    } catch {
      // A watch that is too old begins, and ends with one ERROR event.
      let event: JSONValue = ["type": "ERROR", "object": error.status]
      var bytes = event.serialized()
      bytes.append(UInt8(ascii: "\n"))
      return .stream("application/json", ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
  }

  private func streaming(
    _ id: Int, _ changes: AsyncStream<Change>, _ filter: WatchFilter, _ held: HeldChanges
  ) -> Response {
    let (cluster, inbound) = (cluster, inbound)
    let limit = cluster.configuration.watchBuffer
    let body = ResponseBody { writer in
      do {
        try await inbound.consumeWithCancellationOnInboundClose { body in
          try await body.readToEnd()
          var held = held
          // Clients take a watch as begun when they see the head.
          try await writer.write(ByteBuffer())
          for await change in changes where filter.shows(change) {
            for change in held.release(after: change) {
              guard let line = filter.line(for: change) else { continue }
              let isCut = cluster.faults.cuts()
              let bytes = isCut ? line.prefix(line.count / 2) : line[...]
              try await writer.write(ByteBuffer(bytes: bytes))
              if isCut { throw Broken.cut }
            }
            if held.count > limit { throw Broken.tooMuchHeldBack }
          }
        }
      } catch {
        // The client went away, or the server stops, or a fault wants it.
        await cluster.stopWatching(id)
        throw error
      }
      await cluster.stopWatching(id)
      try await writer.finish(nil)
    }
    return .stream("application/json", body)
  }
}

/// What a watch holds back while a fault wants it so.
struct HeldChanges: Sendable {
  private let faults: FaultInjector
  private let wantsBookmarks: Bool
  /// Up to which version everything has been told.
  private var told: Int
  private var changes: [Change] = []

  init(_ options: WatchOptions, _ faults: FaultInjector) {
    self.faults = faults
    wantsBookmarks = options.wantsBookmarks
    told = options.revision ?? 0
  }

  var count: Int { changes.count }

  /// What may be told, now that another change has come.
  mutating func release(after change: Change) -> [Change] {
    switch faults.restraint {
    case .nothing:
      var released = changes
      changes = []
      if change.kind != .bookmark || wantsBookmarks { released.append(change) }
      told = change.revision
      return released
    case .changes where change.kind == .bookmark:
      guard wantsBookmarks else { return [] }
      if changes.isEmpty { told = change.revision }
      return told > 0 ? [change.bookmark(at: told)] : []
    case .changes, .everything:
      if change.kind != .bookmark { changes.append(change) }
      return []
    }
  }
}

/// Which changes a watch shows, and as what.
struct WatchFilter: Sendable {
  private let type: ResourceType
  private let labels: LabelSelector?
  private let fields: FieldSelector?
  private let asTable: Bool

  init(_ request: APIRequest, _ type: ResourceType) throws(APIError) {
    self.type = type
    labels = try request.query["labelSelector"].map(Self.labelSelector)
    let text = request.query["fieldSelector"]
    fields = try text.map { text throws(APIError) in try FieldSelector(query: text, type: type) }
    asTable = request.wantsTable
  }

  private static func labelSelector(_ text: String) throws(APIError) -> LabelSelector {
    try LabelSelector(query: text)
  }

  /// Whether the watch shows a change.
  func shows(_ change: Change) -> Bool { kind(of: change) != nil }

  /// The line for a change; `nil` when the watch doesn't show it.
  func line(for change: Change) -> [UInt8]? {
    guard let kind = kind(of: change) else { return nil }
    let object =
      asTable && kind != "BOOKMARK"
      ? TablePrinter.table([change.object], type, metadata: [:]) : change.object
    let event: JSONValue = ["type": .string(kind), "object": object]
    return event.serialized() + [UInt8(ascii: "\n")]
  }

  private func kind(of change: Change) -> String? {
    switch change.kind {
    case .bookmark, .initialEventsEnd: return "BOOKMARK"
    case .added: return matches(change.object) ? "ADDED" : nil
    case .deleted: return matches(change.object) ? "DELETED" : nil
    case .modified:
      // An object may enter or leave what the selectors show.
      let (before, after) = (matches(change.previous), matches(change.object))
      if before && after { return "MODIFIED" }
      return after ? "ADDED" : before ? "DELETED" : nil
    }
  }

  private func matches(_ object: JSONValue?) -> Bool {
    guard let object else { return false }
    if let labels, !labels.matches(object.labels) { return false }
    if let fields, !fields.matches(object) { return false }
    return true
  }
}
