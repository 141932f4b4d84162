internal import Foundation

/// A mail: a plain text and the same as HTML (RFC 5322, RFC 2046 §5.1.4). What
/// people typed can't add a header or a part.
struct MailMessage: Sendable, Hashable {
  /// Names the mail, the same at each attempt; letters, digits and dashes.
  var id: String
  var to: String
  var subject: String
  var text: String
  /// A whole document.
  var html: String
  var date: Date
  /// Where the person stops such mails; nil for one that they asked for.
  var unsubscribe: String?

  /// The address as it is said to a server; nil when it can't be.
  var recipient: String? {
    let isPlain = to.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3C && $0 != 0x3E }
    return isPlain && EmailAddress.mistake(in: to) == nil ? to : nil
  }

  /// The lines, with CRLF after each, none longer than 78 characters but for
  /// addresses that are.
  func lines(from server: MailServer) -> [String] {
    let boundary = "=_\(id)"
    let domain = server.sender.split(separator: "@").last.map(String.init) ?? "localhost"
    var lines = [
      "From: " + MailHeader.mailbox(name: server.senderName, address: server.sender),
      "To: <\(recipient ?? "")>",
    ]
    lines += MailHeader.lines("Subject", subject)
    lines += [
      "Date: \(Self.text(date))", "Message-ID: <\(id)@\(domain)>",
      "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All",
    ]
    if let unsubscribe { lines.append("List-Unsubscribe: <\(unsubscribe)>") }
    lines += [
      "MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=\"\(boundary)\"", "",
    ]
    for (type, content) in [("plain", text), ("html", html)] {
      lines += [
        "--\(boundary)", "Content-Type: text/\(type); charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable", "",
      ]
      lines += QuotedPrintable.lines(content)
    }
    return lines + ["--\(boundary)--"]
  }

  /// As in "Thu, 26 Nov 2026 14:41:34 +0000" (RFC 5322 §3.3).
  private static func text(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, d MMM yyyy HH:mm:ss '+0000'"
    return formatter.string(from: date)
  }
}

/// Texts in headers (RFC 2047).
enum MailHeader {
  /// A header with any text, folded. Line breaks and control characters become
  /// spaces, so that no text adds a header.
  static func lines(_ name: String, _ text: String) -> [String] {
    let words = words(clean(text), first: 76 - name.utf8.count - 2)
    return words.enumerated().map { index, word in
      index == 0 ? "\(name): \(word)" : " \(word)"
    }
  }

  static func mailbox(name: String, address: String) -> String {
    let name = clean(name)
    if name.isEmpty { return "<\(address)>" }
    let isPlain = name.utf8.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x20 || $0 == 0x2D }
    let shown =
      isPlain && name.utf8.count <= 60 ? name : words(name, first: 70).joined(separator: "\r\n ")
    return "\(shown) <\(address)>"
  }

  private static func clean(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: " "
          default: scalar
          }
        })
    ).trimmingSpaces()
  }

  /// The text as it is when it is short and plain, else as encoded words of at
  /// most 75 characters.
  private static func words(_ text: String, first: Int) -> [String] {
    let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
    if isPlain, text.utf8.count <= first { return [text] }
    var chunks: [[UInt8]] = [[]]
    // 45 bytes are 60 characters of base64; with the frame 72.
    for character in text.unicodeScalars {
      let bytes = Array(String(character).utf8)
      let limit = chunks.count == 1 ? min(45, max(3, (first - 12) / 4 * 3)) : 45
      if chunks[chunks.count - 1].count + bytes.count > limit { chunks.append([]) }
      chunks[chunks.count - 1] += bytes
    }
    return chunks.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }
  }
}

/// Text as lines of at most 76 ASCII characters (RFC 2045 §6.7).
enum QuotedPrintable {
  static func lines(_ text: String) -> [String] {
    text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false).flatMap { line($0) }
  }

  private static func line(_ text: Substring) -> [String] {
    var lines = [""]
    let bytes = Array(text.utf8)
    for (index, byte) in bytes.enumerated() {
      let isLastSpace = (byte == 0x20 || byte == 0x09) && index == bytes.count - 1
      let isPlain = (0x20...0x7E).contains(byte) && byte != 0x3D && !isLastSpace
      let piece = isPlain ? String(UnicodeScalar(byte)) : "=" + [byte].hexadecimal.uppercased()
      if lines[lines.count - 1].utf8.count + piece.utf8.count > 75 {
        lines[lines.count - 1] += "="
        lines.append("")
      }
      lines[lines.count - 1] += piece
    }
    return lines
  }
}
