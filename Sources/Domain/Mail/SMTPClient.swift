internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Hands mails to a server (RFC 5321), a batch on one connection.
struct SMTPClient: Sendable {
  let server: MailServer
  /// For each answer.
  var timeout: Duration = .seconds(15)

  /// Sends mails one after another.
  ///
  /// - Returns: for each, in order, why it wasn't taken; nil when it was.
  func send(_ messages: [MailMessage]) async -> [MailFailure?] {
    var results: [MailFailure?] = []
    await send(messages, until: .now + .seconds(24 * 3600)) { _, failure in
      results.append(failure)
    }
    return results
  }

  /// Sends mails one after another, and begins none after a time.
  ///
  /// - Parameter report: is told of each, in order, as soon as it is known how that
  ///   went: which, and why it wasn't taken, or nil. Of those that there was no
  ///   time for it isn't told.
  func send(
    _ messages: [MailMessage], until end: ContinuousClock.Instant,
    report: (Int, MailFailure?) async -> Void
  ) async {
    var next = 0
    do throws(MailFailure) {
      try await session { session throws(MailFailure) in
        while next < messages.count, ContinuousClock.now < end {
          var failure: MailFailure?
          do throws(MailFailure) {
            try await session.send(messages[next], from: server)
          } catch {
            failure = error
          }
          await report(next, failure)
          next += 1
          guard let failure else { continue }
          guard failure.endsOnlyOne else { throw failure }
          try await session.reset()
        }
      }
    } catch {
      // What was taken before the connection broke was taken.
      while next < messages.count {
        await report(next, error)
        next += 1
      }
    }
  }

  /// Whether the server would take mails: connection, protection and login.
  func check() async throws(MailFailure) {
    try await session { _ throws(MailFailure) in }
  }

  private func session(
    _ work: (SMTPSession) async throws(MailFailure) -> Void
  ) async throws(MailFailure) {
    let connection = try await connect()
    let result: Result<Void, MailFailure>
    do {
      result = try await connection.executeThenClose { inbound, outbound in
        let session = SMTPSession(
          inbound: inbound, outbound: outbound, channel: connection.channel, timeout: timeout)
        do throws(MailFailure) {
          try await session.begin(with: server)
          try await work(session)
          await session.quit()
          return .success(())
        } catch {
          return .failure(error)
        }
      }
    } catch {
      result = .failure(.broken("the connection ended."))
    }
    try result.get()
  }

  private func connect() async throws(MailFailure) -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    let server = server
    do {
      return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        // It can't be cancelled, and a server that is told to stop has ten seconds.
        .connectTimeout(.seconds(5))
        .connect(host: server.host, port: server.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            if server.security == .implicit {
              try channel.pipeline.syncOperations.addHandler(SMTPSession.tls(for: server))
            }
            return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
              wrappingChannelSynchronously: channel)
          }
        }
    } catch let error as MailFailure {
      throw error
    } catch let error as ChannelError {
      if case .connectTimeout = error { throw .timedOut }
      throw .unreachable("\(server.host) doesn't answer on port \(server.port)")
    } catch {
      throw .unreachable("\(server.host) doesn't answer on port \(server.port)")
    }
  }
}

extension MailFailure {
  /// Whether the connection can be used for the next mail.
  fileprivate var endsOnlyOne: Bool {
    switch self {
    case .later, .refused, .address: true
    default: false
    }
  }
}
