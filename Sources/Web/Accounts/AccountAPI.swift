import Domain
import HTTPTypes

/// Who asks, and their API tokens, for programs.
struct AccountAPI: Sendable {
  let accounts: Accounts

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/me", "getMe", .account, "Who you are to this server", asks: .signedIn,
        .ok(Self.me.schema), use: me),
      APIRoute(
        .get, "/tokens", "listTokens", .account, "Your API tokens",
        about: "Takes a browser's session; a token can't.", asks: .signedIn,
        query: APIParameter.paging, .ok(Self.token.page), use: list),
      APIRoute(
        .post, "/tokens", "createToken", .account, "Make an API token",
        about: "The secret is told only in this answer. Takes a browser's session; a token makes "
          + "no other one.", asks: .signedIn, body: Self.newToken, .created(Self.made.schema),
        isRepeatable: true, use: create),
      APIRoute(
        .delete, "/tokens/{token}", "revokeToken", .account, "Make a token worthless",
        about: "Takes a browser's session.", asks: .signedIn, .empty(), use: revoke),
    ]
  }

  private static let scopes = TokenScope.allCases.map(\.rawValue)

  private static let me = Resource<Principal>("Me", "Who asks, and how they came.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "Never given to anybody else.") {
      $0.userID.rawValue
    }
    $0.text("name", "Ann", "What others see.") { $0.name }
    $0.text("email", "ann@example.net", "The address.") { $0.email }
    $0.text(
      "role", "member", "The role on the platform.", among: PlatformRole.allCases.map(\.rawValue)
    ) { $0.role.rawValue }
    $0.one("credential", credential, "How they came.") { $0.credential }
  }

  private static let credential = Resource<Principal.Credential>(
    "Credential", "A session or a token."
  ) {
    $0.text("kind", "token", "What was sent.", among: ["session", "token"]) {
      if case .token = $0 { "token" } else { "session" }
    }
    $0.maybe("scope", "deploy", "What a token is narrowed to; null for a session.", among: scopes) {
      if case .token(_, let scope) = $0 { scope.rawValue } else { nil }
    }
  }

  private static let token = Resource<APIToken>("Token", "An API token, without its secret.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "For revoking it.") { $0.id.rawValue }
    $0.text("name", "CI", "What uses it.") { $0.name }
    $0.text("scope", "deploy", "What it may do at most.", among: scopes) { $0.scope.rawValue }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.time("expiresAt", "When it runs out.") { $0.expiresAt }
    $0.maybeTime("lastUsedAt", "To the minute; null before its first use.") { $0.lastUsedAt }
  }

  private static let made = Resource<NewAPIToken>("NewToken", "A token that was just made.") {
    $0.one("token", token, "The token.") { $0.token }
    $0.text("secret", "babyhelm_…", "Send it: Authorization: Bearer. Told only now.") { $0.secret }
  }

  private static let newToken = Schema.body("TokenWish", "What a token is for.") {
    $0.required("name", .text("CI", length: 1...80), "What will use it.")
    $0.required("scope", .text("deploy", among: scopes), "What it may do at most.")
    $0.required(
      "days", .integer(30, 1...365),
      "How long it is good: \(APIToken.lifetimes.map(String.init).joined(separator: ", ")).")
  }

  @Sendable func me(_ call: APICall) async throws -> APIAnswer { .ok(Self.me.json(call.principal)) }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    try call.page(
      slicing: try await accounts.ownAccount(as: call.principal).tokens, Self.token)
  }

  @Sendable func create(_ call: APICall) async throws -> APIAnswer {
    let made = try await accounts.createToken(
      named: call.text("name") ?? "",
      scope: call.text("scope").flatMap { TokenScope(rawValue: $0) } ?? .read,
      days: call.body["days"]?.int ?? 0, as: call.principal)
    return .created(Self.made.json(made))
  }

  @Sendable func revoke(_ call: APICall) async throws -> APIAnswer {
    try await accounts.revokeToken(
      APIToken.ID(rawValue: try call.name("token")), as: call.principal)
    return .empty
  }
}
