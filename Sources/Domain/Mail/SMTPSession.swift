internal import Foundation
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// One connection to a mail server, from its greeting to `QUIT`. Belongs to one
/// task.
final class SMTPSession {
  /// A server's answer.
  private struct Reply {
    let code: Int
    /// Without the codes.
    let lines: [String]
    /// For a person: one line, shortened, without control characters.
    var text: String {
      let text = "\(code) " + lines.joined(separator: " ")
      return String(
        String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 }.prefix(300)))
    }
  }

  /// The most bytes of an answer.
  private static let largestReply = 64 << 10

  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private let channel: any Channel
  private let timeout: Duration
  private var buffer = ByteBuffer()
  /// What the server says it can, in capital letters.
  private var abilities: [String] = []

  init(
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, channel: any Channel, timeout: Duration
  ) {
    self.inbound = inbound.makeAsyncIterator()
    self.outbound = outbound
    self.channel = channel
    self.timeout = timeout
  }

  /// TLS towards a server, with its certificate checked.
  static func tls(for server: MailServer) throws(MailFailure) -> NIOSSLClientHandler {
    var configuration = TLSConfiguration.makeClientConfiguration()
    do {
      if let authorities = server.authorities {
        configuration.trustRoots = .certificates(
          try NIOSSLCertificate.fromPEMBytes(Array(authorities.utf8)))
      }
      // An address has no name to ask for; then the certificate names the address.
      let isAddress = IPAddress(server.host) != nil
      return try NIOSSLClientHandler(
        context: NIOSSLContext(configuration: configuration),
        serverHostname: isAddress ? nil : server.host)
    } catch {
      throw .insecure("the certificates of its authorities can't be used")
    }
  }

  /// Greets, protects the connection and logs in.
  ///
  /// - Throws: never `refused`: what the server says here is about us, not about
  ///   any of the mails, and may be another thing tomorrow.
  func begin(with server: MailServer) async throws(MailFailure) {
    do throws(MailFailure) {
      try await open(with: server)
    } catch .refused(let reply) {
      throw .later(reply)
    }
  }

  private func open(with server: MailServer) async throws(MailFailure) {
    try accept(try await reply(), 220)
    try await greet()
    if server.security == .startTLS {
      if abilities.contains("STARTTLS") {
        try await protect(with: server)
      } else if !server.isOnThisMachine {
        throw .noTLS
      }
    }
    if let user = server.user { try await logIn(user, server.password ?? "") }
  }

  /// Hands over one mail.
  func send(_ message: MailMessage, from server: MailServer) async throws(MailFailure) {
    guard let recipient = message.recipient else { throw .address }
    try accept(try await ask("MAIL FROM:<\(server.sender)>"), 250)
    try accept(try await ask("RCPT TO:<\(recipient)>"), 250, 251)
    try accept(try await ask("DATA"), 354)
    var content = ByteBuffer()
    for line in message.lines(from: server) {
      // A line of one dot would end the mail (RFC 5321 §4.5.2).
      if line.hasPrefix(".") { content.writeString(".") }
      content.writeString(line)
      content.writeString("\r\n")
    }
    content.writeString(".\r\n")
    try accept(try await ask(content), 250)
  }

  /// Forgets a mail that was refused half-way.
  ///
  /// - Throws: never `refused`, which would be said of the mails that come after.
  func reset() async throws(MailFailure) {
    let reply = try await ask("RSET")
    if reply.code != 250 { throw .later(reply.text) }
  }

  /// Ends it; what was taken was taken.
  func quit() async { _ = try? await ask("QUIT") }

  // MARK: Steps

  private func greet() async throws(MailFailure) {
    let reply = try await ask("EHLO \(Self.ownName)")
    try accept(reply, 250)
    abilities = reply.lines.dropFirst().map { $0.uppercased() }
  }

  private func protect(with server: MailServer) async throws(MailFailure) {
    try accept(try await ask("STARTTLS"), 220)
    // What came along unprotected was said by anybody (RFC 3207 §6).
    guard buffer.readableBytes == 0 else {
      throw .insecure("the server said something before it was protected")
    }
    let channel = channel
    do {
      try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandler(
          try Self.tls(for: server), position: .first)
      }.get()
    } catch {
      throw error as? MailFailure ?? .insecure("TLS can't be begun")
    }
    try await greet()
  }

  /// `PLAIN` (RFC 4616), or `LOGIN`, which nobody specified and many speak.
  private func logIn(_ user: String, _ password: String) async throws(MailFailure) {
    let methods = abilities.filter { $0.hasPrefix("AUTH") }
      .flatMap { $0.dropFirst(4).split(whereSeparator: { $0 == " " || $0 == "=" }) }
    let replies: [Reply]
    if methods.contains("PLAIN") {
      replies = [try await ask("AUTH PLAIN " + Self.base64("\0\(user)\0\(password)"))]
    } else if methods.contains("LOGIN") {
      try accept(try await ask("AUTH LOGIN"), 334)
      try accept(try await ask(Self.base64(user)), 334)
      replies = [try await ask(Self.base64(password))]
    } else {
      throw .login("it offers neither PLAIN nor LOGIN.")
    }
    for reply in replies where reply.code != 235 {
      throw reply.code / 100 == 4 ? .later(reply.text) : .login(reply.text)
    }
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  /// How this machine is called, or its address literal when it has no whole
  /// name (RFC 5321 §4.1.4).
  private static var ownName: String {
    let name = ProcessInfo.processInfo.hostName
    let isName =
      name.contains(".") && name.utf8.count <= 255
      && name.utf8.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E }
    return isName ? name : "[127.0.0.1]"
  }

  // MARK: Lines

  private func ask(_ line: String) async throws(MailFailure) -> Reply {
    try await ask(ByteBuffer(string: line + "\r\n"))
  }

  private func ask(_ bytes: ByteBuffer) async throws(MailFailure) -> Reply {
    do {
      try await outbound.write(bytes)
    } catch {
      throw await reasonOfEnd() ?? Self.failure(error)
    }
    return try await reply()
  }

  /// Why a connection ended that can't be written to any more: who reads is told
  /// of a failed handshake.
  private func reasonOfEnd() async -> MailFailure? {
    do throws(MailFailure) {
      _ = try await bytes()
      return nil
    } catch {
      return error
    }
  }

  private func accept(_ reply: Reply, _ codes: Int...) throws(MailFailure) {
    if codes.contains(reply.code) { return }
    throw reply.code / 100 == 5 ? .refused(reply.text) : .later(reply.text)
  }

  /// One answer, of one line or more.
  private func reply() async throws(MailFailure) -> Reply {
    var lines: [String] = []
    while true {
      let line = try await line()
      guard line.utf8.count >= 3, let code = Int(line.prefix(3)), (200..<600).contains(code) else {
        throw .broken("“\(line.prefix(80))”")
      }
      lines.append(String(line.dropFirst(4)))
      guard lines.count <= 200 else { throw .broken("it has too many lines.") }
      if !line.dropFirst(3).hasPrefix("-") { return Reply(code: code, lines: lines) }
    }
  }

  private func line() async throws(MailFailure) -> String {
    while true {
      let view = buffer.readableBytesView
      if let end = view.firstIndex(of: UInt8(ascii: "\n")) {
        let bytes = view[..<end]
        let text = String(decoding: bytes, as: UTF8.self)
        buffer.moveReaderIndex(to: end + 1)
        buffer.discardReadBytes()
        return text.hasSuffix("\r") ? String(text.dropLast()) : text
      }
      guard buffer.readableBytes < Self.largestReply else { throw .broken("it is too long.") }
      buffer.writeImmutableBuffer(try await bytes())
    }
  }

  /// What the server sends next; a server that is silent loses the connection.
  private func bytes() async throws(MailFailure) -> ByteBuffer {
    let isLate = Flag()
    let channel = channel
    let alarm = channel.eventLoop.scheduleTask(in: .seconds(timeout.components.seconds)) {
      isLate.raise()
      channel.close(promise: nil)
    }
    defer { alarm.cancel() }
    do {
      if let bytes = try await inbound.next(isolation: #isolation) { return bytes }
    } catch {
      throw isLate.isRaised ? .timedOut : Self.failure(error)
    }
    throw isLate.isRaised ? .timedOut : .broken("the connection ended.")
  }

  private static func failure(_ error: any Error) -> MailFailure {
    switch error {
    case let error as NIOSSLError:
      if case .handshakeFailed = error { return .insecure("its certificate isn't to be trusted") }
      return .insecure("TLS failed")
    case is NIOSSLExtraError: return .insecure("its certificate is for another name")
    default: return .broken("the connection ended.")
    }
  }
}

/// Something that happened on another thread.
private final class Flag: Sendable {
  private let value = Mutex(false)
  var isRaised: Bool { value.withLock { $0 } }
  func raise() { value.withLock { $0 = true } }
}
