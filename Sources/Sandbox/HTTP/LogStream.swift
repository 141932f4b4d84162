import Foundation
import Hummingbird
import Kubernetes
import NIOCore
import ServiceLifecycle

/// The log of a container. No line is stored: each is worked out from the
/// pod's start and its number.
struct ContainerLog: Sendable {
  var namespace: String
  var pod: String
  var uid: String
  var container: String
  var image: String
  var start: Date
  /// When it stopped, for containers that did.
  var end: Date?
  /// Real seconds between two lines.
  var interval: Double

  /// Whether its image is one that writes about 10 MB a second.
  var isChatty: Bool { Self.isChatty(image) }

  static func isChatty(_ image: String) -> Bool { image.contains("chatty") }

  /// How many lines there are at a time.
  func count(at time: Date) -> Int {
    let last = min(time, end ?? time)
    let lines = Int(last.timeIntervalSince(start) / interval) + startLines.count
    return max(0, lines) + (end != nil && time >= last ? 1 : 0)
  }

  /// The first line that was written at a time or after it, at most `end`.
  func firstLine(from time: Date, before end: Int) -> Int {
    var (low, high) = (0, end)
    while low < high {
      let middle = (low + high) / 2
      if self.time(of: middle) < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// When a line is written.
  func time(of line: Int) -> Date {
    let steps = max(0, line - startLines.count + 1)
    return start.addingTimeInterval(Double(steps) * interval)
  }

  func text(of line: Int) -> String {
    if line < startLines.count { return startLines[line] }
    if let end, time(of: line) > end { return ImageFate(image: image).lastLine }
    if isChatty { return "line \(line) \(Self.padding)" }
    if image.contains("hostile") { return Self.hostile[line % Self.hostile.count] }
    let hash = StableHash.fnv64("\(namespace)/\(pod)/\(container)/\(line)".utf8)
    let path = Self.paths[Int(hash % UInt64(Self.paths.count))]
    let status = hash >> 8 & 31 == 0 ? 404 : 200
    // Between requests, a server says something of its own now and then.
    if hash >> 40 % 8 == 0 { return Self.remarks[Int(hash >> 48) % Self.remarks.count] }
    let stamp = Timestamp.text(time(of: line))
    return "10.244.0.\(hash >> 16 & 127) - - [\(stamp)] \"GET \(path) HTTP/1.1\" \(status) "
      + "\(200 + hash >> 24 & 4095) \"-\" \"Mozilla/5.0\""
  }

  /// What an attacker, or a careless program, may write.
  private static let hostile = [
    "<script>document.title = 'owned'</script>",
    "\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{07}<img src=x onerror=\"document.title='owned'\">",
    "\"><a href=\"javascript:alert(1)\" data-live=\"/logout\">link</a> & 'quotes'",
    "data: x\revent: fragment\rdata: <p id=\"main\">gone</p>",
    String(repeating: "a very long line ", count: 6_000),
  ]
  private static let padding = String(repeating: "0123456789", count: 99)
  private static let remarks = [
    "[notice] 29#29: 4 requests in the last minute",
    "[warn] 29#29: *17 an upstream response is buffered to a temporary file",
    "[notice] 1#1: configuration is unchanged",
    "[error] 29#29: *23 open() \"/usr/share/nginx/html/favicon.ico\" failed (2: No such file)",
  ]
  private static let paths = ["/", "/healthz", "/about", "/api/items", "/static/site.css"]
  /// What a program says that begins to run; one for other processors doesn't.
  private var startLines: [String] {
    ImageFate(image: image) == .otherArchitecture ? [] : Self.usualStart
  }

  private static let usualStart = [
    "/docker-entrypoint.sh: Configuration complete; ready for start up",
    "[notice] 1#1: start worker processes",
  ]
}

extension Cluster {
  /// Simulated seconds between two lines of a log.
  private static let logInterval = 2.0

  /// The log of a pod's container.
  func log(
    _ key: ObjectKey, container wanted: String?, previous: Bool
  ) throws(APIError) -> ContainerLog {
    guard let pod = store[.pod, key] else { throw .notFound(.pod, key.name) }
    let containers = pod.at("spec", "containers")?.array ?? []
    let names = containers.compactMap { $0["name"]?.string }
    if wanted == nil, names.count > 1 {
      throw .badRequest(
        "a container name must be specified for pod \(key.name), choose one of: "
          + "[\(names.joined(separator: " "))]")
    }
    let name = wanted ?? names.first ?? ""
    let all = containers + (pod.at("spec", "initContainers")?.array ?? [])
    guard let container = all.first(where: { $0["name"]?.string == name }) else {
      throw .badRequest("container \(name) is not valid for pod \(key.name)")
    }
    let run = podRuns[pod.uid]
    let image = container["image"]?.string ?? ""
    if previous, run?.lastStart == nil {
      throw .badRequest(
        "previous terminated container \"\(name)\" in pod \"\(key.name)\" not found")
    }
    guard let start = previous ? run?.lastStart : run?.startedAt,
      !ImageFate(container: container, in: pod).isPullFailure
    else {
      let reason =
        run?.fate.isPullFailure == true
        ? "waiting to start: trying and failing to pull image"
        : "waiting to start: ContainerCreating"
      throw .badRequest("container \"\(name)\" in pod \"\(key.name)\" is \(reason)")
    }
    let hasStopped = run?.stage == .backingOff || run?.stage == .exited || previous
    let fate = ImageFate(container: container, in: pod)
    return ContainerLog(
      namespace: key.namespace, pod: key.name, uid: pod.uid, container: name, image: image,
      start: start,
      end: hasStopped && fate.exits ? run?.lastExit : nil,
      interval: ContainerLog.isChatty(image) ? 1e-4 : Self.logInterval / configuration.speed)
  }

  func podExists(_ key: ObjectKey, uid: String) -> Bool { store[.pod, key]?.uid == uid }
}

/// The answer to a request for a log, followed if asked for.
struct LogStream: Sendable {
  let cluster: Cluster
  let request: APIRequest
  let key: ObjectKey
  let inbound: RequestBody

  func response() async throws -> Response {
    let log = try await cluster.log(
      key, container: request.query["container"], previous: request.flag("previous"))
    let now = Date()
    let end = log.count(at: now)
    var first = 0
    if let lines = request.number("tailLines") { first = max(0, end - lines) }
    if let seconds = request.number("sinceSeconds") {
      let since = now.addingTimeInterval(-Double(seconds))
      first = max(first, log.firstLine(from: since, before: end))
    }
    guard request.flag("follow") else {
      var text = ""
      for line in first..<max(first, end) { text += self.line(line, of: log) }
      if let limit = request.number("limitBytes") { text = String(text.prefix(limit)) }
      return Self.response(ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    return .stream("text/plain", following(log, from: first))
  }

  private func following(_ log: ContainerLog, from first: Int) -> ResponseBody {
    ResponseBody { writer in
      try await inbound.consumeWithCancellationOnInboundClose { body in
        try await body.readToEnd()
        var next = first
        try await writer.write(ByteBuffer())
        while await cluster.podExists(key, uid: log.uid), !Task.isShuttingDownGracefully {
          let end = log.count(at: Date())
          while next < end {
            let last = min(next + 64, end)
            let text = (next..<last).map { line($0, of: log) }.joined()
            try await writer.write(ByteBuffer(string: text))
            next = last
          }
          if log.end != nil { return }
          let wait = min(max(log.time(of: next).timeIntervalSinceNow, 0.02), 0.5)
          try await Task.sleep(for: .seconds(wait))
        }
      }
      try await writer.finish(nil)
    }
  }

  private func line(_ number: Int, of log: ContainerLog) -> String {
    let stamp = request.flag("timestamps") ? Timestamp.microText(log.time(of: number)) + " " : ""
    return "\(stamp)\(log.text(of: number))\n"
  }

  private static func response(_ body: ResponseBody) -> Response {
    Response(status: .ok, headers: [.contentType: "text/plain"], body: body)
  }
}
