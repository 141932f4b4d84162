import Glibc

/// A port of loopback (IPv4 and IPv6) that refuses every connection as long as
/// this exists: it is taken, so nobody else can listen there, and nobody
/// listens.
final class RefusingPort {
  let number: Int
  private let descriptor: Int32

  struct Unavailable: Error {}

  init() throws {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    // Of both families, which is Linux' default.
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isBound else {
      close(descriptor)
      throw Unavailable()
    }
    self.descriptor = descriptor
    number = Int(UInt16(bigEndian: address.sin6_port))
  }

  deinit { close(descriptor) }
}
