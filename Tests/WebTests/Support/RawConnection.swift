import NIOCore
import NIOPosix

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
    return try await channel.executeThenClose { inbound, outbound in
      try await withThrowingTaskGroup(of: String?.self) { group in
        group.addTask {
          for piece in pieces {
            // The server may have hung up already, which is an answer, too.
            do { try await outbound.write(ByteBuffer(string: piece)) } catch { return nil }
            if pause > .zero { try await Task.sleep(for: pause) }
          }
          try await Task.sleep(for: patience)
          return ""
        }
        group.addTask {
          var answer = ""
          do {
            for try await part in inbound {
              answer += String(buffer: part)
              if isEnough(answer) { return answer }
            }
          } catch {}
          return answer
        }
        defer { group.cancelAll() }
        while let found = try await group.next() {
          if let found { return found }
        }
        return ""
      }
    }
  }
}
