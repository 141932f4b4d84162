import Hummingbird

import struct Foundation.Date

/// The names and attributes of our cookies (RFC 6265bis). Over HTTPS they have
/// the `__Host-` prefix: then no other host, not even a sibling in the same
/// tailnet, can set or read them.
struct SiteCookie: Sendable {
  /// The signed-in session.
  static let session = SiteCookie(baseName: "babyhelm")
  /// The form secret of somebody who is not signed in.
  static let form = SiteCookie(baseName: "babyhelm-form")
  /// What a sign-in at an OpenID provider must bring back.
  static let signOn = SiteCookie(baseName: "babyhelm-sign-on")
  /// The language that somebody chose.
  static let language = SiteCookie(baseName: "babyhelm-language")
  /// One message for the next page.
  static let flash = SiteCookie(baseName: "babyhelm-flash")

  private let baseName: String

  func name(_ site: Site) -> String {
    site.isSecure ? "__Host-\(baseName)" : baseName
  }

  /// The cookie's value in a request, if any. Of several of one name the first,
  /// which is the one with the longest path (RFC 6265 §5.4).
  func value(in request: Request, _ site: Site) -> String? {
    guard let header = request.headers[.cookie] else { return nil }
    let start = "\(name(site))=".utf8
    for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
      let pair = pair.drop { $0 == UInt8(ascii: " ") }
      if pair.starts(with: start) { return String(Substring(pair.dropFirst(start.count))) }
    }
    return nil
  }

  /// Sets the cookie for a number of seconds.
  func set(_ value: String, maxAge: Int, on response: inout Response, _ site: Site) {
    response.setCookie(
      Cookie(
        name: name(site), value: value, maxAge: maxAge, path: "/", secure: site.isSecure,
        httpOnly: true, sameSite: .lax))
  }

  /// Takes the cookie from the browser.
  func remove(from response: inout Response, _ site: Site) {
    set("", maxAge: 0, on: &response, site)
  }
}
