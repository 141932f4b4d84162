import AsyncHTTPClient
import NIOCore

/// A body that comes line by line.
struct ByteLines: Sendable {
  /// What happens to a line that is too long.
  enum Overflow: Sendable {
    /// The stream ends with ``KubernetesError/tooLarge(limitBytes:)``.
    case fails
    /// It is delivered in pieces.
    case splits
  }

  private let body: HTTPClientResponse.Body
  private let link: ClusterLink

  init(_ body: HTTPClientResponse.Body, _ link: ClusterLink) {
    self.body = body
    self.link = link
  }

  func makeIterator(limit: Int, onOverflow: Overflow) -> Iterator {
    Iterator(
      splitter: LineSplitter(limit: limit, onOverflow: onOverflow),
      chunks: body.makeAsyncIterator(), link: link)
  }

  /// Reads one line at a time.
  struct Iterator {
    var splitter: LineSplitter
    var chunks: HTTPClientResponse.Body.AsyncIterator
    let link: ClusterLink

    /// The next line without its end, `nil` at the end of the body. A last line
    /// without an end isn't delivered by streams that fail on overflow: there,
    /// half a line is a broken connection.
    mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(KubernetesError) -> ByteBuffer? {
      while true {
        if let line = try splitter.next() { return line }
        let chunk: ByteBuffer?
        do {
          chunk = try await chunks.next(isolation: actor)
          // A cancelled body ends as if it were whole.
          try Task.checkCancellation()
        } catch {
          throw await link.mapped(error, timeout: .zero)
        }
        guard let chunk else { return splitter.rest() }
        splitter.append(chunk)
      }
    }
  }
}

/// Cuts bytes into lines that end with a line feed.
struct LineSplitter {
  private let limit: Int
  private let onOverflow: ByteLines.Overflow
  private var buffer = ByteBuffer()
  /// Bytes at the front of `buffer` that are known to hold no line feed.
  private var searched = 0

  init(limit: Int, onOverflow: ByteLines.Overflow) {
    self.limit = limit
    self.onOverflow = onOverflow
  }

  mutating func append(_ chunk: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = chunk
    } else {
      buffer.discardReadBytes()
      buffer.writeImmutableBuffer(chunk)
    }
  }

  /// The next whole line, without its end.
  mutating func next() throws(KubernetesError) -> ByteBuffer? {
    let view = buffer.readableBytesView.dropFirst(searched)
    guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
      searched = buffer.readableBytes
      if searched <= limit { return nil }
      return try overflow(length: limit)
    }
    let length = end - buffer.readerIndex
    if length > limit { return try overflow(length: limit) }
    let line = buffer.readSlice(length: length)
    buffer.moveReaderIndex(forwardBy: 1)
    searched = 0
    return line
  }

  private mutating func overflow(length: Int) throws(KubernetesError) -> ByteBuffer? {
    if onOverflow == .fails { throw .tooLarge(limitBytes: limit) }
    searched = 0
    return buffer.readSlice(length: length)
  }

  /// What follows the last line end, at the end of the body.
  mutating func rest() -> ByteBuffer? {
    let rest = buffer
    buffer = ByteBuffer()
    searched = 0
    return rest.readableBytes == 0 || onOverflow == .fails ? nil : rest
  }
}
