internal import Foundation

#if canImport(Glibc)
internal import Glibc
#endif

/// An IP address that a name led to.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 bytes.
  let bytes: [UInt8]
  /// As it is written.
  public let description: String

  /// Reads an address as it is written; `nil` for a name.
  public init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: &four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: &six) { Array($0) }
    } else {
      return nil
    }
    description = text
  }

  /// Whether it leads to this machine, to its neighbours on the wire, to a
  /// cloud's metadata, or to nobody in particular (RFC 6890): no application
  /// is there.
  public var isInternal: Bool {
    if let inner = embedded { return Self.isInternal(inner) }
    if bytes.count == 4 { return Self.isInternal(bytes) }
    let isLoopbackOrNone = bytes.dropLast().allSatisfy { $0 == 0 } && (bytes.last ?? 0) <= 1
    return isLoopbackOrNone || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80) || bytes[0] == 0xFF
      // fd00:ec2::254, a cloud's metadata.
      || bytes.starts(with: [0xFD, 0x00, 0x0E, 0xC2])
  }

  /// The IPv4 address within an IPv6 one: mapped, compatible, NAT64 and 6to4.
  private var embedded: [UInt8]? {
    guard bytes.count == 16 else { return nil }
    let front = Array(bytes[..<12])
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    let translated: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]
    if front == mapped || front == translated { return Array(bytes[12...]) }
    if front.allSatisfy({ $0 == 0 }), bytes[12] != 0 { return Array(bytes[12...]) }
    if bytes.starts(with: [0x20, 0x02]) { return Array(bytes[2..<6]) }
    return nil
  }

  private static func isInternal(_ four: [UInt8]) -> Bool {
    switch (four[0], four[1]) {
    case (0, _), (127, _), (169, 254), (224..., _): true
    // Metadata and the resolver of a cloud and of a tailnet.
    case (100, 100): four[2] == 100 && [100, 200].contains(four[3])
    default: false
    }
  }
}

/// Turns names into addresses, as the machine does.
public struct NameResolution: Sendable {
  /// Why a name has no address.
  public enum Failure: Error, Sendable {
    case unknown
    case timedOut
  }

  let resolve: @Sendable (String, Duration) async -> Result<[IPAddress], Failure>

  /// - Parameter resolve: the addresses of a name, within a time.
  public init(
    _ resolve: @escaping @Sendable (String, Duration) async -> Result<[IPAddress], Failure>
  ) {
    self.resolve = resolve
  }

  /// The machine's own: its hosts file and its name servers.
  public static let system = NameResolution { name, limit in
    // The call can't be cancelled, so it is left behind when the time is over.
    let (answers, answer) = AsyncStream.makeStream(of: Result<[IPAddress], Failure>.self)
    DispatchQueue.global().async { answer.yield(lookUp(name)) }
    let timer = Task {
      try await Task.sleep(for: limit)
      answer.yield(.failure(.timedOut))
    }
    defer { timer.cancel() }
    for await first in answers { return first }
    return .failure(.timedOut)
  }

  private static func lookUp(_ name: String) -> Result<[IPAddress], Failure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { return .failure(.unknown) }
    defer { freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = list
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if let address = entry.ai_addr,
        getnameinfo(
          address, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      {
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        // A link-local address has its interface behind a percent sign.
        let plain = String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
        if let address = IPAddress(plain) { addresses.append(address) }
      }
      next = entry.ai_next
    }
    return addresses.isEmpty ? .failure(.unknown) : .success(addresses)
  }
}
