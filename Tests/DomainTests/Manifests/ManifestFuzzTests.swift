import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What our parser takes, Yams takes for the same value. Otherwise a manifest
/// that was checked would be another one to `kubectl`.
struct ManifestFuzzTests {
  /// Pieces of YAML that change what stands around them.
  private static let pieces: [String] = [
    "\n", " ", "  ", "- ", "-", ":", ": ", "\"", "\\", "#", " # ", "&", "*", "!", "|", ">", "{",
    "}",
    "{}", "[]", "[", "]", ",", "?", "<<: ", "'", "0", "1", "_", ".", "e", "x", "true", "yes",
    "null",
    "~", "key: ", "key:\n", "  - ", "---\n", "...\n", "%", "@", "\t", "\r", "\u{85}", "\u{2028}",
    "é",
    "\\u0041", "\\x41", "\\U0001F600", "\\n", "010", "0x10", "1_0", "1e3", "T", "F", "n",
  ]

  private func same(_ bytes: [UInt8]) -> Comment? {
    guard let ours = try? ManifestParser.parse(bytes) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let theirs = try? JSONValue(yaml: text) else { return "only we read this:\n\(text)" }
    return ours == theirs ? nil : "we and Yams differ:\n\(text)"
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a damaged manifest is refused or read as Yams reads it`(seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    let spec = try ApplicationSpec.sample(
      scaling: .automatic(minimum: 1, maximum: 3, targetCPU: 80), cpuLimit: "1",
      environment: [("A", "x\ny"), ("B", ""), ("C", "a: b")])
    let manifests = try SampleManifests.application(spec)
    var accepted = 0
    for _ in 0..<400 {
      var bytes = Array(manifests[random.below(manifests.count)].yaml.utf8)
      for _ in 0...random.below(3) { Self.damage(&bytes, &random) }

      if let difference = same(bytes) { Issue.record(difference) }
      if (try? ManifestParser.parse(bytes)) != nil { accepted += 1 }
    }
    // A parser that takes nothing would pass, too.
    #expect(accepted > 20)
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `random pieces are refused or read as Yams reads them`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    var accepted = 0
    for _ in 0..<3_000 {
      var text = "key: "
      for _ in 0...random.below(6) { text += Self.pieces[random.below(Self.pieces.count)] }

      if let difference = same(Array(text.utf8)) { Issue.record(difference) }
      if (try? ManifestParser.parse(Array(text.utf8))) != nil { accepted += 1 }
    }
    #expect(accepted > 20)
  }

  private static func damage(_ bytes: inout [UInt8], _ random: inout SeededNumbers) {
    let position = random.below(bytes.count)
    switch random.below(3) {
    case 0: bytes.remove(at: position)
    case 1: bytes.insert(contentsOf: pieces[random.below(pieces.count)].utf8, at: position)
    default:
      let line = bytes[position...].firstIndex(of: 0x0A) ?? position
      bytes.insert(contentsOf: pieces[random.below(pieces.count)].utf8, at: line)
    }
  }
}
