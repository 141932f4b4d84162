import Hummingbird
import Kubernetes
import NIOCore

/// A watch as a stream of JSON lines.
struct WatchStream: Sendable {
  let cluster: Cluster
  let request: APIRequest
  let target: APITarget
  let inbound: RequestBody

  func response() async throws -> Response {
    let filter = try WatchFilter(request, target.kind.type)
    var options = WatchOptions(namespace: target.namespace)
    options.revision = request.number("resourceVersion")
    options.wantsBookmarks = request.flag("allowWatchBookmarks")
    options.sendsInitialEvents = request.flag("sendInitialEvents")
    if let seconds = request.number("timeoutSeconds") { options.timeout = Double(seconds) }
    do throws(APIError) {
      let (id, changes) = try await cluster.watch(target.kind.type, options)
      return streaming(id, changes, filter)
    } catch {
      // A watch that is too old begins, and ends with one ERROR event.
      let event: JSONValue = ["type": "ERROR", "object": error.status]
      var bytes = event.serialized()
      bytes.append(UInt8(ascii: "\n"))
      return .stream("application/json", ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
  }

  private func streaming(
    _ id: Int, _ changes: AsyncStream<Change>, _ filter: WatchFilter
  ) -> Response {
    let (cluster, inbound) = (cluster, inbound)
    let body = ResponseBody { writer in
      do {
        try await inbound.consumeWithCancellationOnInboundClose { _ in
          // Clients take a watch as begun when they see the head.
          try await writer.write(ByteBuffer())
          for await change in changes {
            guard let line = filter.line(for: change) else { continue }
            try await writer.write(ByteBuffer(bytes: line))
          }
        }
      } catch {
        // The client went away, or the server stops.
        await cluster.stopWatching(id)
        throw error
      }
      await cluster.stopWatching(id)
      try await writer.finish(nil)
    }
    return .stream("application/json", body)
  }
}

/// Which changes a watch shows, and as what.
struct WatchFilter: Sendable {
  private let type: ResourceType
  private let labels: LabelSelector?
  private let fields: FieldSelector?
  private let name: String?
  private let asTable: Bool

  init(_ request: APIRequest, _ type: ResourceType) throws(APIError) {
    self.type = type
    labels = try request.query["labelSelector"].map(Self.labelSelector)
    let text = request.query["fieldSelector"]
    fields = try text.map { text throws(APIError) in try FieldSelector(query: text, type: type) }
    name = nil
    asTable = request.wantsTable
  }

  private static func labelSelector(_ text: String) throws(APIError) -> LabelSelector {
    try LabelSelector(query: text)
  }

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
