/// The operator's mail server, and who mails are from.
public struct MailServer: Sendable, Equatable {
  /// How the connection is protected.
  public enum Security: Sendable, Equatable {
    /// TLS from the first byte (RFC 8314 §3.3).
    case implicit
    /// TLS after `STARTTLS` (RFC 3207), without which nothing is sent but to this
    /// machine.
    case startTLS
    /// None: only for a server on this machine, or where the operator says so.
    case none
  }

  public var host: String
  public var port: Int
  public var security: Security
  /// nil for a server that takes mails without a login.
  public var user: String?
  public var password: String?
  /// The address that mails are from.
  public var sender: String
  /// The name beside it; may be empty.
  public var senderName: String
  /// Certificates, as PEM, of the authorities that vouch for the server; nil for
  /// those that the machine trusts.
  public var authorities: String?

  public init(
    host: String, port: Int, security: Security, user: String? = nil, password: String? = nil,
    sender: String, senderName: String = "BabyHelm", authorities: String? = nil
  ) {
    self.host = host
    self.port = port
    self.security = security
    self.user = user
    self.password = password
    self.sender = sender
    self.senderName = senderName
    self.authorities = authorities
  }

  /// Whether what is said to it stays on this machine.
  var isOnThisMachine: Bool {
    if host == "localhost" { return true }
    guard let address = IPAddress(host) else { return false }
    return address.bytes.first == 127 && address.bytes.count == 4 || host == "::1"
  }

  /// What is wrong with an address that mails are to be from, as a sentence; nil
  /// when nothing is.
  public static func mistake(inSender address: String) -> String? {
    if !address.utf8.allSatisfy({ $0 < 0x80 }) { return "It must be written in ASCII." }
    return EmailAddress.mistake(in: address)
  }
}

/// Why a mail wasn't taken.
public enum MailFailure: Error, Sendable, Hashable {
  case unreachable(String)
  /// The certificate isn't to be trusted, or TLS failed in another way.
  case insecure(String)
  /// The server doesn't offer `STARTTLS`.
  case noTLS
  /// The server doesn't take the login.
  case login(String)
  /// A refusal that may pass (a reply of 4yz), with the server's words.
  case later(String)
  /// A refusal for good (5yz), with the server's words.
  case refused(String)
  /// The address can't be written to.
  case address
  case timedOut
  case broken(String)

  /// Whether another attempt makes sense.
  public var mayPass: Bool {
    switch self {
    case .refused, .address: false
    default: true
    }
  }

  /// What happened, as a whole sentence.
  public var sentence: String {
    switch self {
    case .unreachable(let why): "The mail server can't be reached: \(why)."
    case .insecure(let why): "The connection to the mail server isn't secure: \(why)."
    case .noTLS: "The mail server offers no STARTTLS, so nothing is sent to it."
    case .login(let reply): "The mail server doesn't take the login: \(reply)"
    case .later(let reply): "The mail server refused for now: \(reply)"
    case .refused(let reply): "The mail server refused: \(reply)"
    case .address: "The address can't be written to."
    case .timedOut: "The mail server takes too long to answer."
    case .broken(let why): "The mail server's answer makes no sense: \(why)"
    }
  }
}
