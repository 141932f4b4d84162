import Domain
import NIOCore
import Synchronization
import Templates

/// What batches of log lines look like that many readers get: rendered once,
/// and the same bytes are sent to all of them.
final class LogRenderings: Sendable {
  /// How a batch is shown.
  enum Face: Hashable {
    case page(Language)
    case json(EventStream.Format)
  }

  private struct Key: Hashable {
    let batch: UInt64
    let face: Face
  }

  private struct State {
    var known: [Key: ByteBuffer] = [:]
    /// The oldest first.
    var order: [Key] = []
  }

  /// How many are kept: some seconds of a busy log.
  private static let most = 32

  private let state = Mutex(State())

  /// The batch's bytes, made by `render` unless another reader got it before.
  func bytes(
    of batch: LogBatch, as face: Face, _ render: (LogBatch) -> ByteBuffer
  ) -> ByteBuffer {
    guard let number = batch.number else { return render(batch) }
    let key = Key(batch: number, face: face)
    if let known = state.withLock({ $0.known[key] }) { return known }
    let made = render(batch)
    state.withLock { state in
      guard state.known.updateValue(made, forKey: key) == nil else { return }
      state.order.append(key)
      if state.order.count > Self.most { state.known[state.order.removeFirst()] = nil }
    }
    return made
  }
}
