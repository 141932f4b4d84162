import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// `/.well-known/jwks.json`: the public keys with which other programs check
/// who BabyHelm says somebody is (RFC 7517 §5). They are for everybody.
struct KeyPages: Sendable {
  let tokens: IdentityTokens

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.get(".well-known/jwks.json", use: keys)
  }

  @Sendable func keys(request: Request, context: AppRequestContext) async throws -> Response {
    let keys = try await tokens.keys().map { key in
      JSON.members([
        ("kty", .string("EC")), ("crv", .string("P-256")), ("x", .string(key.x)),
        ("y", .string(key.y)), ("kid", .string(key.id)), ("alg", .string("ES256")),
        ("use", .string("sig")),
      ])
    }
    let bytes = JSON.members([("keys", .array(keys))]).bytes
    return Response(
      status: .ok,
      headers: [
        .contentType: "application/jwk-set+json",
        // A new key signs nothing for longer than this (IdentityTokens.lead).
        .cacheControl: "public, max-age=300", .contentLength: "\(bytes.count)",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
