import Foundation
import Synchronization

/// A server on loopback that treats every connection the same way, for tests
/// of what a check makes of it.
final class TinyServer: Sendable {
  enum Manner: Sendable {
    /// Reads a request and writes these words.
    case answers(String)
    /// Takes connections and says nothing.
    case silent
    /// Takes connections and closes them.
    case hangsUp
  }

  let port: Int
  private let socket: Int32
  private let heard = Mutex<[String]>([])

  /// The requests that came.
  var requests: [String] { heard.withLock { $0 } }

  init(_ manner: Manner) throws {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard descriptor >= 0, result else { throw POSIXError(.EADDRNOTAVAIL) }
    socket = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
    if case .silent = manner { return }
    Thread.detachNewThread { [self] in serve(manner) }
  }

  private func serve(_ manner: Manner) {
    while true {
      let connection = accept(socket, nil, nil)
      guard connection >= 0 else { return }
      if case .answers(let text) = manner {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(connection, &buffer, buffer.count)
        if count > 0 {
          heard.withLock { $0.append(String(decoding: buffer[..<count], as: UTF8.self)) }
        }
        _ = Array(text.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
      }
      close(connection)
    }
  }

  /// Ends the server; its port refuses from then on.
  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }
}
