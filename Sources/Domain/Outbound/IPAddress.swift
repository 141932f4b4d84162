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

  /// Where an address leads, as far as the address itself tells (RFC 6890).
  public enum Reach: Int, Sendable, Comparable {
    /// To this machine, its neighbours on the wire, a cloud's metadata, many at
    /// once, or nobody in particular: nothing that people run is there.
    case machine
    /// Into a private network, as of a cluster or a tailnet.
    case network
    /// To anywhere.
    case world

    public static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }
  }

  /// Where it leads. What wraps an IPv4 address is judged by that, since the
  /// machine may unwrap it.
  public var reach: Reach {
    if let inner = embedded { return Self.reach(of: inner) }
    if bytes.count == 4 { return Self.reach(of: bytes) }
    let isMachine =
      (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80) || bytes[0] == 0xFF
      // fd00:ec2::254, a cloud's metadata; Teredo, which hides an address; documentation.
      || bytes.starts(with: [0xFD, 0x00, 0x0E, 0xC2]) || bytes.starts(with: [0x20, 0x01, 0, 0])
      || bytes.starts(with: [0x01, 0x00])
    if isMachine { return .machine }
    let isNetwork =
      bytes[0] & 0xFE == 0xFC || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0xC0)
      // NAT64 of a network's own (RFC 8215).
      || bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 1])
    return isNetwork ? .network : .world
  }

  /// Whether it leads no further than this machine and its surroundings: no
  /// application is there.
  public var isInternal: Bool { reach == .machine }

  /// The IPv4 address that a mapped one is, else the bytes themselves.
  var unmapped: [UInt8] {
    bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF
      && bytes[11] == 0xFF ? Array(bytes[12...]) : bytes
  }

  /// The IPv4 address within an IPv6 one: mapped, compatible, translated, NAT64,
  /// ISATAP and 6to4.
  private var embedded: [UInt8]? {
    guard bytes.count == 16 else { return nil }
    let last = Array(bytes[12...])
    let front = Array(bytes[..<12])
    let zeros = [UInt8](repeating: 0, count: 8)
    let wraps: [[UInt8]] = [
      zeros + [0, 0, 0, 0], zeros + [0, 0, 0xFF, 0xFF], zeros + [0xFF, 0xFF, 0, 0],
      [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    if wraps.contains(front) { return last }
    if [0, 2].contains(bytes[8]), bytes[9] == 0, bytes[10] == 0x5E, bytes[11] == 0xFE {
      return last
    }
    if bytes.starts(with: [0x20, 0x02]) { return Array(bytes[2..<6]) }
    return nil
  }

  private static func reach(of four: [UInt8]) -> Reach {
    switch (four[0], four[1], four[2], four[3]) {
    case (0, _, _, _), (127, _, _, _), (169, 254, _, _), (224..., _, _, _): .machine
    // Metadata and the resolver of clouds and of a tailnet.
    case (100, 100, 100, 100), (100, 100, 100, 200), (168, 63, 129, 16), (192, 0, 0, 192): .machine
    case (10, _, _, _), (172, 16...31, _, _), (192, 168, _, _), (100, 64...127, _, _),
      (198, 18...19, _, _), (192, 0, 0, _):
      .network
    default: .world
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
