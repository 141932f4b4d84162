import Crypto

/// One step of the schema: numbered, with its way back.
public struct Migration: Sendable {
  /// Its place in the chain; 1, 2, 3 …
  public let number: Int
  /// What it is about, as in its file's name.
  public let name: String
  /// The oldest program that can serve with it, told by its last migration.
  let oldestProgram: Int
  let up: [SQL]
  let down: [SQL]

  /// A migration. `down` must undo `up` whole.
  ///
  /// - Parameter oldestProgram: the last migration of the oldest program that
  ///   goes on working when this one is applied: for steps that only add what
  ///   older programs don't look at. nil for steps that older programs can't
  ///   live with (docs/upgrades.md).
  public init(
    _ number: Int, _ name: String, oldestProgram: Int? = nil, up: [SQL], down: [SQL]
  ) {
    self.number = number
    self.name = name
    self.oldestProgram = min(oldestProgram ?? number, number)
    self.up = up
    self.down = down
  }

  /// SHA-256 over the statements for both databases, in hexadecimal. A
  /// migration that has run anywhere must not be edited any more; this is how
  /// it is noticed. Which programs it suits isn't part of it.
  func checksum() throws(StorageError) -> String {
    var hash = SHA256()
    for (direction, statements) in [("up", up), ("down", down)] {
      for dialect in Dialect.allCases {
        hash.update(data: Array("\(direction) \(dialect.rawValue)\n".utf8))
        for statement in statements {
          hash.update(data: Array((try statement.rendered(for: dialect).text + ";\n").utf8))
        }
      }
    }
    return hash.finalize().hexadecimal
  }
}

extension Sequence<UInt8> {
  /// The bytes as two digits each.
  var hexadecimal: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
