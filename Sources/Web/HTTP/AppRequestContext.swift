import Domain
import Foundation
import Hummingbird
import Logging
import NIOCore

/// What a middleware passes the request on to. Hummingbird declares it outside
/// any actor, so the type says so too.
typealias NextHandler = @concurrent (Request, AppRequestContext) async throws -> Response

/// What middleware learns about a request before a page sees it.
protocol WebContext: RequestContext {
  var site: Site { get }
  var requestID: String { get }
  /// The connection that the request came on.
  var channel: any Channel { get }
  /// The form a POST carried; empty for anything else.
  var form: FormBody { get }
  /// The address of the browser, not of a trusted proxy before it.
  var clientAddress: String { get }
  /// Whether the browser's own connection is HTTPS.
  var isSecure: Bool { get }
  /// The host the browser asked for, from Host or a trusted proxy.
  var host: String { get }
  /// The message the page before left for this one.
  var flash: Flash? { get }
  /// The secret that this browser's form tokens are compared with.
  var formSecret: FormSecret { get }
  /// Who is signed in, for the layout; nil for an anonymous visitor.
  var visitor: Principal? { get }
  /// Since when and why the cluster has not answered; nil while it does.
  var silence: ClusterSilence? { get }
  /// What the admins decided, a moment ago at most.
  var policy: PlatformPolicy { get }
}

/// The context of every request.
struct AppRequestContext: WebContext {
  var coreContext: CoreRequestContextStorage
  let requestID: String
  /// The other end of the connection: a browser, or a proxy.
  let peerAddress: String
  let channel: any Channel

  var site = Site()
  var clientAddress: String
  var isSecure = false
  /// The host the browser asked for, from Host or a trusted proxy.
  var host = ""
  var userAgent = ""
  /// Whom the tailnet's own proxy vouches for.
  var tailnetPerson: TailnetPerson?
  var session: AuthenticatedSession? {
    didSet { person.note(session?.principal) }
  }
  /// For the log, which is written further out.
  let person = RequestPerson()
  /// The session cookie's value, good or not.
  var sessionToken = ""
  var form = FormBody()
  var flash: Flash?
  var formSecret = FormSecret.none
  var silence: ClusterSilence?
  var policy = PlatformPolicy()

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    requestID = source.logger[metadataKey: "hb.request.id"]?.description ?? "-"
    channel = source.channel
    peerAddress = source.channel.remoteAddress?.ipAddress ?? ""
    clientAddress = peerAddress
  }

  var visitor: Principal? { session?.principal }

  /// Who knocks, for the limits and the session list of Accounts.
  var client: ClientInfo {
    ClientInfo(address: clientAddress, userAgent: userAgent)
  }
}

/// The context of pages for people who are signed in: below it, nothing about
/// them is optional.
struct SignedInContext: WebContext, ChildRequestContext {
  var coreContext: CoreRequestContextStorage
  let principal: Principal
  let requestID: String
  let channel: any Channel
  let site: Site
  let form: FormBody
  let clientAddress: String
  let isSecure: Bool
  let host: String
  let flash: Flash?
  let formSecret: FormSecret
  let silence: ClusterSilence?
  let policy: PlatformPolicy

  /// - Throws: `unauthenticated` when nobody is signed in; ``ErrorPages`` turns
  ///   it into a visit to the login page.
  init(context: AppRequestContext) throws {
    guard let session = context.session else {
      throw DomainError(.unauthenticated, "This page is for people who are signed in.")
    }
    coreContext = context.coreContext
    principal = session.principal
    requestID = context.requestID
    channel = context.channel
    site = context.site
    form = context.form
    clientAddress = context.clientAddress
    isSecure = context.isSecure
    host = context.host
    flash = context.flash
    formSecret = context.formSecret
    silence = context.silence
    policy = context.policy
  }

  var visitor: Principal? { principal }
}

extension WebContext {
  /// Where the site is, for links that leave it: `https://babyhelm.example.com`.
  var origin: String {
    site.publicOrigin ?? "\(isSecure ? "https" : "http")://\(host)"
  }

  /// Closes the connection at once, whatever waits to be written to it.
  func hangUp() { channel.close(promise: nil) }

  /// A path parameter, percent-decoded.
  ///
  /// - Throws: 404 when it is missing or no text, since no thing can have such
  ///   a name.
  func parameter(_ name: String) throws -> String {
    guard let raw = parameters.get(name), let text = String(raw).removingPercentEncoding,
      !text.utf8.contains(0)
    else {
      throw HTTPError(.notFound)
    }
    return text
  }
}

extension Request {
  /// A query parameter's first value without white space around it; "" when
  /// there is none.
  func query(_ name: String) -> String {
    // Not `queryParameters`, which leaves a plus sign as it is: forms send
    // spaces so.
    let form = try? FormBody(parsing: (uri.query ?? "").utf8)
    return form?.string(name) ?? ""
  }

  /// The page a list is asked for; at least 1.
  var pageNumber: Int { PageNumber.of(query("page")) }
}

/// The page of a list that somebody asks for.
enum PageNumber {
  /// At least 1, and never so many that its first row can't be counted.
  static func of(_ text: String) -> Int { max(1, min(Int(text) ?? 1, 1_000_000)) }
}
