extension HelmChart {
  /// The chart as Helm packages it: a tar archive (POSIX.1-1988, ustar) within
  /// gzip (RFC 1952). It is stored, not compressed: a few kilobytes aren't worth
  /// a library. The same chart is always the same bytes.
  public func archive() -> [UInt8] {
    var tar: [UInt8] = []
    for file in files {
      let bytes = Array(file.text.utf8)
      tar += Self.header(path: "\(name)/\(file.path)", size: bytes.count)
      tar += bytes
      tar += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }
    tar += [UInt8](repeating: 0, count: 1_024)
    return Self.gzip(tar)
  }

  /// The 512 bytes before a file. A path that is too long for its field is
  /// split at a slash into the field for what comes before.
  private static func header(path: String, size: Int) -> [UInt8] {
    var (prefix, name) = ("", path)
    if path.utf8.count > 100, let slash = path.firstIndex(of: "/") {
      prefix = String(path[..<slash])
      name = String(path[path.index(after: slash)...])
    }
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int, length: Int) {
      for (index, byte) in text.utf8.prefix(length).enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    put(name, at: 0, length: 100)
    put("0000644", at: 100, length: 8)
    put("0000000", at: 108, length: 8)
    put("0000000", at: 116, length: 8)
    put(octal(size, digits: 11), at: 124, length: 12)
    put(octal(0, digits: 11), at: 136, length: 12)
    put("        ", at: 148, length: 8)
    put("0", at: 156, length: 1)
    put("ustar", at: 257, length: 6)
    put("00", at: 263, length: 2)
    put(prefix, at: 345, length: 155)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, digits: 6) + "\0 ", at: 148, length: 8)
    return header
  }

  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    // Deflate, no name, no time, unknown system.
    var output: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(0xffff)
      rest = rest.dropFirst(block.count)
      let length = UInt16(block.count)
      output.append(rest.isEmpty ? 1 : 0)
      output += littleEndian(length) + littleEndian(~length) + block
    } while !rest.isEmpty
    return output + littleEndian(checksum(bytes))
      + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// CRC-32 as RFC 1952 §8 defines it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return ~value
  }
}
