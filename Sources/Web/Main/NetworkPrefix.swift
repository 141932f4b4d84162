import Foundation

/// A network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).
struct NetworkPrefix {
  private let address: [UInt8]
  private let length: Int

  /// Reads `10.0.0.0/8` or `fd00::/8`; nil for anything else.
  init?(_ text: String) {
    let sides = text.split(separator: "/", omittingEmptySubsequences: false)
    guard sides.count == 2, let bytes = Self.bytes(of: String(sides[0])),
      let length = Int(sides[1]),
      String(length) == sides[1], (0...bytes.count * 8).contains(length)
    else { return nil }
    address = bytes
    self.length = length
  }

  /// Whether all bits after the prefix are zero.
  var isNetwork: Bool {
    address.enumerated().allSatisfy { index, byte in
      let kept = min(max(length - index * 8, 0), 8)
      return kept == 8 || byte << UInt8(kept) == 0
    }
  }

  private static func bytes(of text: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four, Array.init) }
    var six = in6_addr()
    if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: &six, Array.init) }
    return nil
  }
}
