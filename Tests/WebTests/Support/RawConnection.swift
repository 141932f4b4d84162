import NIOCore
import NIOPosix
import Synchronization

/// A connection of its own, on which a test sends whatever bytes it wants.
enum RawConnection {
  /// Sends pieces and reads until the server closes the connection, or what has
  /// come satisfies the test, or the patience is over.
  static func exchange(
    _ pieces: [String], port: Int, pause: Duration = .zero, patience: Duration = .seconds(3),
    until isEnough: @escaping @Sendable (String) -> Bool = { $0.contains("HTTP/1.1 4") }
  ) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let answer = Collected()
    do {
      try await channel.executeThenClose { inbound, outbound in
        try await withThrowingTaskGroup(of: Bool.self) { group in
          group.addTask {
            for piece in pieces {
              // The server may have hung up already, which is an answer, too.
              do { try await outbound.write(ByteBuffer(string: piece)) } catch { return false }
              if pause > .zero { try await Task.sleep(for: pause) }
            }
            try await Task.sleep(for: patience)
            return true
          }
          group.addTask {
            for try await part in inbound {
              if isEnough(answer.add(String(buffer: part))) { break }
            }
            return true
          }
          defer { group.cancelAll() }
          while let isOver = try await group.next(), !isOver {}
        }
      }
    } catch {
      // Reset by the server.
    }
    return answer.add("")
  }

  /// Sends a request and never reads what comes.
  static func open(_ request: String, port: Int) async throws -> any Channel {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false)
      .connect(host: "127.0.0.1", port: port).get()
    try await channel.writeAndFlush(ByteBuffer(string: request))
    return channel
  }

  /// What the server has sent so far.
  private final class Collected: Sendable {
    private let text = Mutex("")

    func add(_ more: String) -> String {
      text.withLock { text in
        text += more
        return text
      }
    }
  }
}
