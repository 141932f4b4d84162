import Foundation
import Synchronization

/// A server on loopback that treats every connection the same way, for tests
/// of what a check makes of it.
final class TinyServer: Sendable {
  enum Manner: Sendable {
    /// Reads a request and writes these words.
    case answers(String)
    /// The same, and then waits until the other side leaves.
    case stalls(String)
    /// Takes connections and says nothing.
    case silent
    /// Takes connections and closes them.
    case hangsUp
  }

  private let server: LoopbackServer
  private let heard: Heard

  var port: Int { server.port }
  /// The requests that came.
  var requests: [String] { heard.requests.withLock { $0 } }

  init(_ manner: Manner) throws {
    let heard = Heard()
    server = try LoopbackServer { connection in
      switch manner {
      case .answers(let text):
        let request = connection.some()
        if !request.isEmpty { heard.requests.withLock { $0.append(request) } }
        connection.say(text)
      case .stalls(let text):
        _ = connection.some()
        connection.say(text)
        while connection.line() != nil {}
      case .silent: while connection.line() != nil {}
      case .hangsUp: break
      }
    }
    self.heard = heard
  }

  /// Ends the server; its port refuses from then on.
  func stop() { server.stop() }

  private final class Heard: Sendable {
    let requests = Mutex<[String]>([])
  }
}
