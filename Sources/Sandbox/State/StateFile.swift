import Dispatch
import Foundation
import Kubernetes

/// Why the state of a sandbox can't be kept or taken up, in one sentence.
public struct SandboxStateError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String
}

/// A cluster at a moment, as a state file holds it.
struct SavedState: Sendable {
  var revision: Int
  /// Where generated names and UIDs go on.
  var random: UInt64
  var nextPodAddress: Int
  var objects: [JSONValue]
}

/// A file that keeps a cluster: a line about it, then a line of JSON for each
/// object. It is always whole, since it is replaced by renaming.
struct StateFile: Sendable {
  let path: String

  /// The format that this program writes.
  private static let format = 1
  private static let mark = "babyhelm-sandbox"

  /// What the file holds; `nil` when there is none yet.
  func read() throws(SandboxStateError) -> SavedState? {
    let manager = FileManager.default
    guard manager.fileExists(atPath: path) else { return nil }
    guard let data = manager.contents(atPath: path) else {
      throw SandboxStateError(
        description: "The state of the sandbox can't be read from \(path). Check its permissions.")
    }
    var lines = data.split(separator: UInt8(ascii: "\n"))[...]
    guard let first = lines.popFirst(), let head = try? JSONValue(parsing: first),
      let format = head[Self.mark]?.int, format >= 1
    else { throw broken("it doesn't begin like one") }
    guard format <= Self.format else {
      throw SandboxStateError(
        description: "The state of the sandbox in \(path) was written by a newer BabyHelm. Use "
          + "that one, or remove the file to begin anew.")
    }
    guard let revision = head["revision"]?.int, let address = head["nextPodAddress"]?.int,
      let random = (head["random"]?.string).flatMap({ UInt64($0) })
    else { throw broken("line 1 lacks something") }
    guard head["objects"]?.int == lines.count else { throw broken("a part of it is missing") }
    var objects: [JSONValue] = []
    for (number, line) in zip(2..., lines) {
      guard let object = try? JSONValue(parsing: line), Kinds.type(of: object) != nil,
        !object.name.isEmpty
      else { throw broken("line \(number) is no object") }
      objects.append(object)
    }
    return SavedState(
      revision: revision, random: random, nextPodAddress: address, objects: objects)
  }

  /// Replaces the file; only its owner may read it, since it holds Secrets.
  func write(_ state: SavedState) throws(SandboxStateError) {
    let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
    let manager = FileManager.default
    do {
      guard
        manager.createFile(
          atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600])
      else { throw CocoaError(.fileWriteUnknown) }
      let handle = try FileHandle(forWritingTo: URL(filePath: temporary))
      defer { try? handle.close() }
      try write(state, to: handle)
      try handle.synchronize()
    } catch {
      try? manager.removeItem(atPath: temporary)
      throw unwritable
    }
    guard rename(temporary, path) == 0 else {
      try? manager.removeItem(atPath: temporary)
      throw unwritable
    }
  }

  /// Writes on a thread of its own, since files make their callers wait.
  func writeElsewhere(_ state: SavedState) async throws(SandboxStateError) {
    let result = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          returning: Result { () throws(SandboxStateError) in try write(state) })
      }
    }
    try result.get()
  }

  /// How much is written at once.
  private static let chunk = 1 << 20

  private func write(_ state: SavedState, to handle: FileHandle) throws {
    let head: JSONValue = [
      Self.mark: .integer(Int64(Self.format)),
      "revision": .integer(Int64(state.revision)), "random": .string(String(state.random)),
      "nextPodAddress": .integer(Int64(state.nextPodAddress)),
      "objects": .integer(Int64(state.objects.count)),
    ]
    var bytes = head.serialized() + [UInt8(ascii: "\n")]
    for object in state.objects {
      bytes += object.serialized()
      bytes.append(UInt8(ascii: "\n"))
      guard bytes.count > Self.chunk else { continue }
      try handle.write(contentsOf: Data(bytes))
      bytes.removeAll(keepingCapacity: true)
    }
    try handle.write(contentsOf: Data(bytes))
  }

  var unwritable: SandboxStateError {
    SandboxStateError(
      description: "The state of the sandbox can't be written to \(path). Choose another file.")
  }

  private func broken(_ reason: String) -> SandboxStateError {
    SandboxStateError(
      description: "\(path) holds no whole state of a sandbox: \(reason). Choose another file, or "
        + "remove it to begin anew.")
  }
}
