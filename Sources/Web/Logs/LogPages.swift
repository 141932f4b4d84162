import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// What an application writes: to read, to follow and to download.
final class LogPages: Sendable {
  let logs: Logs
  let streams: EventStreams
  let access: AccessWatch
  private let renderings = LogRenderings()

  init(logs: Logs, streams: EventStreams, access: AccessWatch) {
    self.logs = logs
    self.streams = streams
    self.access = access
  }

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/apps/:application/logs", use: show)
    pages.get("projects/:project/apps/:application/logs/live", use: live)
    pages.get("projects/:project/apps/:application/logs.txt", use: download)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let query = LogQuery(request)
    let page = try await logs.page(
      of: try context.parameter("application"), in: try context.parameter("project"), query,
      as: context.principal)
    let view = LogsPage(
      chrome: context.chrome("Logs of \(page.detail.application.name)", section: .projects),
      page, query: query, principal: context.principal)
    return Page(Template.Logs.logs(view))
  }

  /// Sends lines as they are written. A browser that reads slowly gets fewer,
  /// and is told how many it missed.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    let query = LogQuery(request)
    let feed = try await logs.follow(
      try context.parameter("application"), in: try context.parameter("project"), query,
      as: context.principal)
    return try streams.open(request, context) { [self] stream in
      try await feed.run { [self] batch in
        let bytes = renderings.bytes(of: batch, as: .page(MessageCatalogue.language)) { batch in
          let lines = LogLines(batch, search: query.search)
          return EventStream.framed(
            Template.Logs.lines(lines: lines).bytes, event: "lines", as: .events)
        }
        try await stream.send(bytes)
      }
    }
  }

  @Sendable func download(request: Request, context: SignedInContext) async throws -> Response {
    let log = try await logs.download(
      try context.parameter("application"), in: try context.parameter("project"),
      LogQuery(request), as: context.principal)
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/plain; charset=utf-8",
        .contentDisposition: "attachment; filename=\"\(log.fileName)\"",
        .cacheControl: "private, no-store",
      ],
      body: ResponseBody { [access] writer in
        var writer = writer
        try await Self.copy(log, to: &writer, AccessTimer(watch: access, context))
        try await writer.finish(nil)
      })
  }

  @concurrent private static func copy(
    _ log: LogDownload, to writer: inout any ResponseBodyWriter, _ timer: AccessTimer
  ) async throws {
    // The writer can't be captured while it is inout, so each piece comes back here.
    var (pieces, timer) = (log.pieces(), timer)
    while let piece = try await pieces.next() {
      try await timer.requireBetweenPieces()
      try await writer.write(ByteBuffer(string: piece))
    }
  }
}

extension LogQuery {
  /// What a form or a link asks for; what can't be is left out.
  init(_ request: Request) {
    let pod = request.query("pod")
    self.init(
      pod: pod.isEmpty ? nil : pod, isPrevious: !request.query("previous").isEmpty,
      since: Since(rawValue: request.query("since")) ?? .all, search: request.query("search"),
      tail: Int(request.query("lines")) ?? 200, after: LogTime(request.query("after")))
  }
}
