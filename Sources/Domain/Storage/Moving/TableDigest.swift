internal import Crypto

/// How many rows a table has and what is in them, whatever their order: equal
/// for equal contents on both databases.
struct TableDigest: Sendable, Equatable {
  private(set) var rows = 0
  /// The sum of the rows' SHA-256, each as four numbers.
  private var sums: [UInt64] = [0, 0, 0, 0]

  mutating func add(_ values: [SQLValue], of columns: [SchemaName]) {
    rows += 1
    var hash = SHA256()
    // By name: the databases may list columns in another order.
    for index in columns.indices.sorted(by: { columns[$0].text < columns[$1].text }) {
      hash.update(data: Array("\(columns[index])\u{0}\(Self.text(of: values[index]))\u{0}".utf8))
    }
    let bytes = Array(hash.finalize())
    for part in 0..<4 {
      let number = bytes[part * 8..<part * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      sums[part] &+= number
    }
  }

  private static func text(of value: SQLValue) -> String {
    switch value {
    case .null: "n"
    case .integer(let number): "i\(number)"
    case .real(let number): "r\(number.bitPattern)"
    case .text(let text): "t\(text)"
    }
  }
}
