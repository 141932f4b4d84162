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

  let port: Int
  private let log = Mutex(Log())
  private let scenario: Scenario
  private let greeting: String

  var requests: [Request] { log.withLock(\.requests) }
  var connections: Int { log.withLock(\.connections) }

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private init(port: Int, greeting: String, scenario: @escaping Scenario) {
    self.port = port
    self.greeting = greeting
    self.scenario = scenario
  }

  /// Runs a server while `body` runs.
  ///
  /// - Parameter greeting: what it sends to a connection before any request.
  static func run(
    tls: NIOSSLContext? = nil, greeting: String = "", scenario: @escaping Scenario,
    _ body: (ScriptedServer) async throws -> Void
  ) async throws {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    let port = listener.channel.localAddress?.port ?? 0
    let server = ScriptedServer(port: port, greeting: greeting, scenario: scenario)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await server.accept(listener) }
      defer { group.cancelAll() }
      try await body(server)
    }
  }

  private func accept(_ listener: NIOAsyncChannel<Connection, Never>) async throws {
    try await listener.executeThenClose { inbound in
      try await withThrowingDiscardingTaskGroup { group in
        for try await connection in inbound {
          let number = log.withLock { log in
            log.connections += 1
            return log.connections
          }
          // What goes wrong with one connection is the client's affair.
          group.addTask { try? await self.serve(connection, number: number) }
        }
      }
    }
  }

  private func serve(_ connection: Connection, number: Int) async throws {
    try await connection.executeThenClose { inbound, outbound in
      var chunks = inbound.makeAsyncIterator()
      var received = ByteBuffer()
      if !greeting.isEmpty { try await outbound.write(ByteBuffer(string: greeting)) }
      while true {
        guard let request = parse(&received, connection: number) else {
          guard let chunk = try await chunks.next() else { return }
          received.writeImmutableBuffer(chunk)
          continue
        }
        log.withLock { $0.requests.append(request) }
        for action in scenario(request) {
          switch action {
          case .send(let text): try await outbound.write(ByteBuffer(string: text))
          case .wait(let gate): await gate.wait()
          case .hold: while try await chunks.next() != nil {}
          case .close: return
          }
        }
      }
    }
  }

  /// Takes a whole request off the front of `buffer`; `nil` if there is none.
  private func parse(_ buffer: inout ByteBuffer, connection: Int) -> Request? {
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
    return Request(
      number: log.withLock(\.requests.count) + 1, connection: connection,
      method: String(words[0]), target: String(words[1]), headers: headers,
      body: String(Substring(body.prefix(length))))
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
