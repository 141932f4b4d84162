internal import Foundation

/// Unguessable texts, from the system's generator.
enum RandomText {
  static func base64(bytes count: Int) -> String { data(count).base64EncodedString() }

  static func base64URL(bytes count: Int) -> String { data(count).base64URL }

  private static func data(_ count: Int) -> Data {
    var random = SystemRandomNumberGenerator()
    return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
  }

  /// Compares two texts in a time that doesn't depend on where they differ.
  static func isSame(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
  }
}
