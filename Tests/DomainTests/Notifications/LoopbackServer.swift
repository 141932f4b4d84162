import Foundation
import Synchronization

/// Takes connections on loopback, each on a thread of its own.
final class LoopbackServer: Sendable {
  let port: Int
  private let socket: Int32

  /// - Parameter serve: what is done with a connection; it is closed afterwards.
  init(_ serve: @escaping @Sendable (LoopbackConnection) -> Void) throws {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard descriptor >= 0, result else { throw POSIXError(.EADDRNOTAVAIL) }
    socket = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [descriptor] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread {
          serve(LoopbackConnection(descriptor: connection))
          close(connection)
        }
      }
    }
  }

  /// Ends the server; its port refuses from then on.
  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }
}

/// One connection, read line by line.
final class LoopbackConnection {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Without its line break; nil at the end.
  func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
      }
      guard fill() else { return nil }
    }
  }

  func bytes(_ count: Int) -> [UInt8]? {
    while buffer.count < count { guard fill() else { return nil } }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  /// What comes first, however much that is; empty at the end.
  func some() -> String {
    guard !buffer.isEmpty || fill() else { return "" }
    defer { buffer = [] }
    return String(decoding: buffer, as: UTF8.self)
  }

  func say(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  private func fill() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }
}

/// Receives webhooks.
final class HookReceiver: Sendable {
  struct Hook: Sendable {
    let headers: [String: String]
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    var id: String { headers["webhook-id"] ?? "" }
  }

  private let server: LoopbackServer
  private let heard: Heard

  var hooks: [Hook] { heard.hooks.withLock { $0 } }
  var url: String { "http://127.0.0.1:\(server.port)/hook" }

  /// - Parameters:
  ///   - words: the body of every answer.
  ///   - answer: the status line and headers for the message of a number.
  init(
    saying words: String = "", _ answer: @escaping @Sendable (Int) -> String = { _ in "200 OK" }
  ) throws {
    let heard = Heard()
    server = try LoopbackServer { connection in
      guard connection.line() != nil else { return }
      var headers: [String: String] = [:]
      while let line = connection.line(), !line.isEmpty {
        let sides = line.split(separator: ":", maxSplits: 1)
        headers[sides[0].lowercased()] = sides.count > 1 ? String(sides[1].dropFirst()) : ""
      }
      guard let body = connection.bytes(Int(headers["content-length"] ?? "") ?? 0) else { return }
      let number = heard.hooks.withLock { hooks in
        hooks.append(Hook(headers: headers, body: body))
        return hooks.count
      }
      connection.say(
        "HTTP/1.1 \(answer(number))\r\nContent-Length: \(words.utf8.count)\r\n\r\n" + words)
    }
    self.heard = heard
  }

  func stop() { server.stop() }

  private final class Heard: Sendable {
    let hooks = Mutex<[Hook]>([])
  }
}

/// Takes mails as a mail server does, without any protection.
final class TinyMailServer: Sendable {
  struct Mail: Sendable {
    let recipient: String
    let lines: [String]
    var text: String { lines.joined(separator: "\n") }
  }

  private let server: LoopbackServer
  private let heard: Heard

  var mails: [Mail] { heard.mails.withLock { $0 } }
  var connections: Int { heard.connections.withLock { $0 } }
  var port: Int { server.port }

  /// - Parameters:
  ///   - refused: how many connections are refused for good first.
  ///   - answer: to a recipient.
  init(
    refusing refused: Int = 0,
    _ answer: @escaping @Sendable (String) -> String = { _ in "250 fine" }
  ) throws {
    let heard = Heard()
    server = try LoopbackServer { connection in
      let number = heard.connections.withLock { count in
        count += 1
        return count
      }
      guard number > refused else {
        connection.say("554 no service for you\r\n")
        return
      }
      connection.say("220 tiny\r\n")
      var recipient = ""
      while let line = connection.line() {
        switch line.prefix(4).uppercased() {
        case "EHLO": connection.say("250-tiny\r\n250 8BITMIME\r\n")
        case "RCPT":
          recipient = String(line.dropFirst("RCPT TO:<".count).dropLast())
          connection.say(answer(recipient) + "\r\n")
        case "DATA":
          connection.say("354 go on\r\n")
          var lines: [String] = []
          while let line = connection.line(), line != "." {
            lines.append(line.hasPrefix(".") ? String(line.dropFirst()) : line)
          }
          heard.mails.withLock { $0.append(Mail(recipient: recipient, lines: lines)) }
          connection.say("250 taken\r\n")
        case "QUIT":
          connection.say("221 bye\r\n")
          return
        default: connection.say("250 fine\r\n")
        }
      }
    }
    self.heard = heard
  }

  func stop() { server.stop() }

  private final class Heard: Sendable {
    let mails = Mutex<[Mail]>([])
    let connections = Mutex(0)
  }
}
