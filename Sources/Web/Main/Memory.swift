import Foundation

/// How the C library keeps memory that was freed.
enum Memory {
  /// `M_MMAP_THRESHOLD` and `M_ARENA_MAX` of glibc's malloc.h, which no Swift
  /// module has.
  private static let largeFrom: Int32 = -3
  private static let mostPools: Int32 = -8

  /// Gives large pieces back to the system as soon as they are free, and keeps
  /// few pools of small ones. Does nothing where the library isn't glibc.
  ///
  /// glibc learns from the first large piece that is freed, as a password's hash
  /// needs it (19 MiB), to keep such pieces from then on, in up to eight pools a
  /// core: a third of what a server with two thousand streams held (mallopt(3)).
  static func giveBackLargePieces() {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    // Safe: `int mallopt(int, int)` is what the library documents under this name.
    let set = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    _ = set(largeFrom, 1 << 20)
    _ = set(mostPools, 2)
  }
}
