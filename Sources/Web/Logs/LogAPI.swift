import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What an application writes, and what Kubernetes tells about it, for
/// programs.
final class LogAPI: Sendable {
  let logs: Logs
  let events: ApplicationEvents
  let streams: EventStreams
  private let renderings = LogRenderings()

  init(logs: Logs, events: ApplicationEvents, streams: EventStreams) {
    self.logs = logs
    self.events = events
    self.streams = streams
  }

  private static let own = "/projects/{project}/applications/{application}"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "\(Self.own)/logs", "getLogs", .operations, "What an application writes",
        about: "A text, a line a line, with the pod's name before each. With `follow=true` and "
          + "`Accept: text/event-stream`, or `application/x-ndjson`, a stream that goes on: each "
          + "event, or line, is an object with `pod`, `time` and `text`, or with `notice`.",
        asks: .permission(.readProject), query: Self.parameters,
        .text("text/plain", "text/event-stream", "application/x-ndjson", about: "The lines."),
        use: read),
      APIRoute(
        .get, "\(Self.own)/events", "listEvents", .operations,
        "What Kubernetes tells about an application, the newest first",
        asks: .permission(.readProject), query: APIParameter.paging, .ok(Self.event.page),
        use: listEvents),
    ]
  }

  private static let parameters = [
    APIParameter("pod", .text("web-6d9c8b7f5-x2x4x", length: 1...253), "One pod; all without."),
    APIParameter(
      "container", .text("web", length: 1...63),
      "The application's container, which is the only one: its name is the application's."),
    APIParameter("previous", .flag(), "The container before its last restart."),
    APIParameter(
      "since", .text("1h", among: LogQuery.Since.allCases.map(\.rawValue)), "How far back."),
    APIParameter(
      "tail", .integer(200, LogQuery.tailBounds), "How many lines to begin with; 200 without."),
    APIParameter(
      "search", .text("error", length: 0...LogQuery.maximumSearch),
      "Only lines that hold this text, whatever its case."),
    APIParameter("follow", .flag(), "Whether it goes on with what is written from now on."),
  ]

  static let event = Resource<EventGroup>("Event", "What happened for one reason.") {
    $0.flag("isWarning", "Whether something is wrong.") { $0.isWarning }
    $0.text("kind", "Pod", "The kind of the objects.") { $0.objectKind }
    $0.text("reason", "FailedScheduling", "Kubernetes' word.") { $0.reason }
    $0.maybe("explanation", "No node has room.", "What it means; null for an unknown one.") {
      $0.explanation
    }
    $0.integer("count", 3, "How often.") { $0.count }
    $0.maybeTime("first", "When it happened first.") { $0.first }
    $0.maybeTime("last", "When it happened last.") { $0.last }
    $0.each("messages", message, "Some of the texts, the newest first.") { $0.messages }
  }

  private static let message = Resource<EventGroup.Message>("EventMessage", "One text.") {
    $0.text("object", "web-6d9c8b7f5-x2x4x", "What it is about.") { $0.object }
    $0.text("text", "0/3 nodes are available.", "Kubernetes' words.") { $0.text }
  }

  // MARK: Calls

  @Sendable func read(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let query = LogQuery(call)
    if let container = call.query["container"], container != name {
      throw DomainError.invalid([
        FieldError("container", "“\(name)” has one container, which is called “\(name)”.")
      ])
    }
    guard call.isOn("follow") else {
      guard call.type == "text/plain" else {
        throw DomainError.invalid([FieldError("follow", "A stream needs follow=true.")])
      }
      let page = try await logs.page(of: name, in: project, query, as: call.principal)
      return .text(Self.text(page, query), type: "text/plain; charset=utf-8")
    }
    guard call.type != "text/plain" else {
      throw DomainError.invalid([
        FieldError(
          "follow", "Send Accept: text/event-stream or application/x-ndjson to follow a log.")
      ])
    }
    let feed = try await logs.follow(name, in: project, query, as: call.principal)
    let format: EventStream.Format = call.type == "application/x-ndjson" ? .jsonLines : .events
    let response = try streams.open(call.request, call.context, as: format) { [self] stream in
      try await feed.run { [self] batch in
        let bytes = renderings.bytes(of: batch, as: .json(format)) { batch in
          Self.items(batch).reduce(into: ByteBuffer()) { buffer, item in
            buffer.writeImmutableBuffer(
              EventStream.framed(item.json.bytes, event: item.name, as: format))
          }
        }
        try await stream.send(bytes)
      }
    }
    return .response(response)
  }

  @Sendable func listEvents(_ call: APICall) async throws -> APIAnswer {
    let (project, name) = try call.applicationNames()
    let page = try await events.page(of: name, in: project, as: call.principal)
    return try call.page(slicing: page.groups, Self.event)
  }

  // MARK: Words

  private static func text(_ page: LogPage, _ query: LogQuery) -> String {
    let notices = page.notices.map { "# \($0)\n" }.joined()
    return page.lines.reduce(into: notices) { text, line in
      text += "\(line.pod) \(line.text)\n"
    }
  }

  private static func items(_ batch: LogBatch) -> [(name: String, json: JSON)] {
    var items: [(name: String, json: JSON)] = []
    if batch.leftOut > 0 {
      items.append(("notice", ["notice": "\(batch.leftOut) lines were left out here."]))
    }
    for item in batch.items {
      switch item {
      case .line(let line):
        items.append(
          (
            "line",
            [
              "pod": .string(line.pod), "time": .text(line.time?.text), "text": .string(line.text),
            ]
          ))
      case .notice(let text): items.append(("notice", ["notice": .string(text)]))
      }
    }
    return items
  }
}

extension LogQuery {
  /// What the query of a call asks for.
  init(_ call: APICall) {
    self.init(
      pod: call.query["pod"], isPrevious: call.isOn("previous"),
      since: call.query["since"].flatMap { Since(rawValue: $0) } ?? .all,
      search: call.query["search"] ?? "", tail: call.query["tail"].flatMap(Int.init) ?? 200)
  }
}
