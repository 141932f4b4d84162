/// Somebody whom another party vouches for: an OpenID provider, or the proxy
/// of a tailnet.
struct ExternalIdentity: Sendable, Hashable {
  /// Who vouches: a provider's issuer, or ``tailscale``.
  var issuer: String
  /// Who it is there. Never given to anybody else by that party (OpenID
  /// Connect Core 1.0 §2), unlike an address.
  var subject: String
  /// An address that is known to be theirs.
  var email: String
  /// What others are to see; may be empty.
  var name: String
  /// The role that the other party's groups give; nil when BabyHelm decides.
  var role: PlatformRole?
  /// The role of an account that is made for them.
  var firstRole = PlatformRole.member

  /// The issuer of those who come through `tailscale serve`.
  static let tailscale = "tailscale"

  /// A name that can be one: theirs, or what stands before the `@`.
  var displayName: String {
    let tidied = Registration(email: email, name: name, password: "").tidied().name
    let shown = String(
      String.UnicodeScalarView(
        tidied.unicodeScalars.filter { !$0.breaksLines }.prefix(Registration.longestName)))
    if shown.unicodeScalars.contains(where: { !$0.isInvisible }) { return shown }
    return String(email.prefix { $0 != "@" })
  }
}

/// What came of a sign-in that somebody else vouches for.
public enum ExternalSignIn: Sendable {
  /// They are signed in.
  case signedIn(SignedIn)
  /// There is an account with this address, which has a password. Whoever
  /// knows it connects the two by logging in with `link`, a sealed text that
  /// is good for ten minutes.
  case needsPassword(email: String, link: String)
}
