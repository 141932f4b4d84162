import NIOCore
import NIOHTTP1
import NIOHTTPCompression

/// Puts gzip into a connection's pipeline, next to the HTTP/1.1 codec, and
/// keeps it from answers that don't gain by it.
///
/// The compressor of swift-nio-extras pairs every answer with a request and
/// traps when there is none, which a malformed request causes: the server then
/// answers 400 to a request that was never parsed. So this handler, which sits
/// between the compressor and the application, takes the compressor out before
/// such an answer reaches it.
final class Compression: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// The least body that is compressed, in bytes: below it, gzip's header and
  /// the work outweigh what is saved.
  static let leastBytes = 512

  private let compressor = HTTPResponseCompressor(responseCompressionPredicate: Compression.intent)
  private var unanswered = 0
  private var isCompressing = true

  /// Sets it up on a connection whose codec is already in the pipeline.
  static func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
    let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
    let compression = Compression()
    try pipeline.addHandlers(compression.compressor, compression, position: .after(decoder))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head = unwrapInboundIn(data) { unanswered += 1 }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .head(let head) = unwrapOutboundIn(data), head.status.code >= 200 {
      if unanswered == 0, isCompressing {
        isCompressing = false
        context.pipeline.syncOperations.removeHandler(compressor, promise: nil)
      }
      unanswered = max(0, unanswered - 1)
    }
    context.write(data, promise: promise)
  }

  /// Event streams must leave at once, and small or already packed answers
  /// gain nothing.
  private static func intent(
    _ head: inout HTTPResponseHead, _ isSupported: Bool
  ) -> HTTPResponseCompressor.CompressionIntent {
    let type = head.headers.first(name: "content-type") ?? ""
    let isText =
      type.hasPrefix("text/") || type.hasPrefix("application/json") || type.hasPrefix("image/svg")
    guard isText, !type.hasPrefix("text/event-stream") else { return .doNotCompress }
    head.headers.add(name: "Vary", value: "Accept-Encoding")
    let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? .max
    return length >= leastBytes ? .compressIfPossible : .doNotCompress
  }
}

/// The handler that Hummingbird adds to each connection; it sets up
/// ``Compression`` in its place before the codec and then leaves.
final class CompressionSetup: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  func handlerAdded(context: ChannelHandlerContext) {
    do {
      try Compression.add(to: context.pipeline.syncOperations)
    } catch {
      // Without its codec the connection is of no use to anybody.
      context.fireErrorCaught(error)
    }
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }
}
