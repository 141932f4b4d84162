/// SplitMix64: small, fast, the same numbers for the same seed. Not for secrets.
struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The seed that goes on from here.
  var position: UInt64 { state }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// The letters of generated names: no vowels, so no words.
  private static let letters = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

  /// A suffix as `generateName` appends it.
  mutating func suffix(_ length: Int = 5) -> String {
    var bytes: [UInt8] = []
    for _ in 0..<length {
      bytes.append(Self.letters[Int(next() % UInt64(Self.letters.count))])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A random UUID (RFC 9562 version 4).
  mutating func uuid() -> String {
    let high = (next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
    let low = (next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    let digits = Array((Self.hex(high) + Self.hex(low)).utf8)
    let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
    return parts.map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// FNV-1a, for hashes that must be the same in every run.
enum StableHash {
  static func fnv64(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }

  /// A hash in the look of `pod-template-hash`.
  static func label(_ bytes: some Sequence<UInt8>) -> String {
    let letters = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
    let hash = fnv64(bytes)
    let digits = String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)))
    let encoded = digits.utf8.map { letters[Int($0) % letters.count] }
    return String(decoding: encoded, as: UTF8.self)
  }
}
