import Kubernetes
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP/1.1 server on loopback that answers each request with the bytes that
/// a scenario gives, to play what real servers seldom do.
final class ScriptedServer: Sendable {
  /// A request, as it came.
  struct Request: Sendable {
    /// Counts the server's requests, from 1.
    let number: Int
    /// Counts the server's connections, from 1.
    let connection: Int
    let method: String
    let target: String
    /// By lower-cased name.
    let headers: [String: String]
    let body: String
    let arrivedAt: ContinuousClock.Instant

    var isWatch: Bool { target.contains("watch=true") }
  }

  /// What to do next with a connection.
  enum Action: Sendable {
    case send(String)
    /// Wait until the test opens the gate.
    case wait(Gate)
    /// Send nothing more, and wait for the client to leave.
    case hold
    /// Hang up.
    case close
  }

  typealias Scenario = @Sendable (Request) -> [Action]

  private struct Log {
    var requests: [Request] = []
    var connections = 0
  }

  /// The port it listens on.
  var port: Int { listener.withLock { $0 } }
  private let listener = Mutex(0)
  private let log = Mutex(Log())
  fileprivate let scenario: Scenario

  var requests: [Request] { log.withLock(\.requests) }
  var connections: Int { log.withLock(\.connections) }

  private init(scenario: @escaping Scenario) { self.scenario = scenario }

  /// Runs a server while `body` runs.
  ///
  /// - Parameter greeting: what it sends to a connection before any request.
  static func run(
    tls: NIOSSLContext? = nil, greeting: String = "", scenario: @escaping Scenario,
    _ body: (ScriptedServer) async throws -> Void
  ) async throws {
    let server = ScriptedServer(scenario: scenario)
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          let handler = ScriptHandler(server, connection: server.connect(), greeting: greeting)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    server.listener.withLock { $0 = channel.localAddress?.port ?? 0 }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(server))
    } catch {
      result = .failure(error)
    }
    try await channel.close()
    try result.get()
  }

  private func connect() -> Int {
    log.withLock { log in
      log.connections += 1
      return log.connections
    }
  }

  /// Takes a whole request off the front of `buffer`; `nil` if there is none.
  fileprivate func receive(_ buffer: inout ByteBuffer, connection: Int) -> Request? {
    let text = String(buffer: buffer)
    guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = parts[1].drop(while: { $0 == " " }).description
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    let body = text[end.upperBound...].utf8
    guard body.count >= length, let first = lines.first else { return nil }
    let words = first.split(separator: " ")
    buffer.moveReaderIndex(forwardBy: text[..<end.upperBound].utf8.count + length)
    buffer.discardReadBytes()
    return log.withLock { log in
      let request = Request(
        number: log.requests.count + 1, connection: connection, method: String(words[0]),
        target: String(words[1]), headers: headers,
        body: String(Substring(body.prefix(length))), arrivedAt: .now)
      log.requests.append(request)
      return request
    }
  }
}

/// One connection of a scripted server.
private final class ScriptHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: ScriptedServer
  private let connection: Int
  private let greeting: String
  private var received = ByteBuffer()
  private var actions: ArraySlice<ScriptedServer.Action> = []
  /// Whether an action isn't done yet.
  private var isBusy = false

  init(_ server: ScriptedServer, connection: Int, greeting: String) {
    self.server = server
    self.connection = connection
    self.greeting = greeting
  }

  func channelActive(context: ChannelHandlerContext) {
    if !greeting.isEmpty { actions = [.send(greeting)] }
    proceed(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.writeImmutableBuffer(unwrapInboundIn(data))
    proceed(context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What goes wrong with one connection is the client's affair.
    context.close(promise: nil)
  }

  /// Does what is to be done, one after the other.
  private func proceed(_ context: ChannelHandlerContext) {
    while !isBusy {
      guard let action = actions.popFirst() else {
        guard let request = server.receive(&received, connection: connection) else { return }
        actions = server.scenario(request)[...]
        continue
      }
      switch action {
      case .send(let text):
        let written = context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)))
        pause(until: written, context)
      case .wait(let gate):
        let opened = context.eventLoop.makePromise(of: Void.self)
        Task {
          await gate.wait()
          opened.succeed()
        }
        pause(until: opened.futureResult, context)
      case .hold: isBusy = true
      case .close: context.close(promise: nil)
      }
    }
  }

  private func pause(until done: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
    isBusy = true
    done.assumeIsolated().whenSuccess {
      self.isBusy = false
      self.proceed(context)
    }
  }
}

/// Holds up a scenario until a test has seen what it waits for.
final class Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func open() { continuation.finish() }

  /// For one waiter.
  func wait() async { for await _ in stream {} }
}

extension [ScriptedServer.Action] {
  /// A whole answer.
  static func answer(
    _ json: JSONValue, status: Int = 200, headers: [String] = []
  ) -> [ScriptedServer.Action] {
    text(status, json.description, headers: headers + ["Content-Type: application/json"])
  }

  /// A whole answer that isn't JSON.
  static func text(
    _ status: Int = 200, _ text: String, headers: [String] = []
  ) -> [ScriptedServer.Action] {
    let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(text.utf8.count)"] + headers
    return [.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + text)]
  }

  /// A refusal with a `Status`.
  static func refusal(
    _ code: Int, _ reason: String, headers: [String] = []
  ) -> [ScriptedServer.Action] {
    answer(
      [
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": .integer(Int64(code)),
        "reason": .string(reason), "message": .string("\(reason) it is"),
      ], status: code, headers: headers)
  }

  /// The head of a body of unknown length.
  static let chunkedHead: [ScriptedServer.Action] = [
    .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
  ]

  /// A part of a body of unknown length.
  static func chunk(_ text: String) -> [ScriptedServer.Action] {
    [.send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")]
  }

  /// The regular end of a body of unknown length.
  static let end: [ScriptedServer.Action] = [.send("0\r\n\r\n")]
}
