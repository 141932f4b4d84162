import NIOCore

/// The lines of a container's log, as they are written.
public struct LogStream: AsyncSequence, Sendable {
  public typealias Element = String
  public typealias Failure = KubernetesError

  /// Longer lines come in pieces of this many bytes.
  public static let maximumLineBytes = 64 << 10

  private let lines: ByteLines

  init(_ lines: ByteLines) { self.lines = lines }

  public func makeAsyncIterator() -> Iterator {
    Iterator(lines: lines.makeIterator(limit: Self.maximumLineBytes, onOverflow: .splits))
  }

  /// Reads one line at a time.
  public struct Iterator: AsyncIteratorProtocol {
    var lines: ByteLines.Iterator

    /// The next line without its end, as UTF-8 with anything else replaced;
    /// `nil` when the container has ended.
    ///
    /// - Throws: ``KubernetesError``.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(KubernetesError) -> String? {
      guard let line = try await lines.next(isolation: actor) else { return nil }
      return String(decoding: line.readableBytesView, as: UTF8.self)
    }
  }
}
