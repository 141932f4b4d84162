import HTTPTypes

/// The page an error shows.
struct ErrorPage: Sendable {
  let chrome: PageChrome
  /// "404"
  let status: String
  let message: String
  let advice: String
  let requestID: String
  let isSignedIn: Bool

  init(_ refusal: Refusal, _ context: AppRequestContext) {
    chrome = context.chrome(Self.title(refusal.status.code))
    status = String(refusal.status.code)
    message = refusal.message
    advice = refusal.advice
    requestID = context.requestID
    isSignedIn = context.visitor != nil
  }

  var hasAdvice: Bool { !advice.isEmpty }

  private static func title(_ code: Int) -> String {
    switch code {
    case 403: "Not allowed"
    case 404: "Not found"
    case 409: "Changed meanwhile"
    case 413: "Too large"
    case 429: "Too many requests"
    case 503: "Not available"
    case 500...: "Something went wrong"
    default: "Not possible"
    }
  }
}
