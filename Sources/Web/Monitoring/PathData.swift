import Templates

/// The `d` of an SVG path (SVG 2 §9.3), made as bytes: a page of charts has
/// some thousand points.
struct PathData: TextRepresentable, Sendable, Hashable {
  private(set) var bytes: [UInt8] = []

  var isEmpty: Bool { bytes.isEmpty }
  var templateText: String { String(decoding: bytes, as: UTF8.self) }

  func withTemplateBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeBufferPointer(body)
  }

  init(reserving capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Begins anew at a point.
  mutating func move(_ x: Int, _ y: Int) {
    append(UInt8(ascii: "M"), x)
    append(y)
  }

  /// Goes on by a distance.
  mutating func line(_ x: Int, _ y: Int) {
    append(UInt8(ascii: "l"), x)
    append(y)
  }

  /// Goes on by a command of one number: `h`, `v`, `H` or `V`.
  mutating func append(_ command: UInt8, _ number: Int) {
    bytes.append(command)
    number.withTemplateBytes { bytes.append(contentsOf: $0) }
  }

  /// The second number of a pair; a minus separates as well as a space does.
  private mutating func append(_ number: Int) {
    if number >= 0 { bytes.append(UInt8(ascii: " ")) }
    number.withTemplateBytes { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ other: PathData) {
    bytes.append(contentsOf: other.bytes)
  }
}

extension Percentage: TextRepresentable {
  /// "37.25", "5", "100"
  var templateText: String {
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    if rest == 0 { return "\(whole)" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
