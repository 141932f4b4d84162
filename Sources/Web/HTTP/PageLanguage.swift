import Domain
import HTTPTypes
import Logging
import Hummingbird
import Templates

/// Chooses the language of a page: the one that its reader chose in the footer,
/// which their account knows or else this browser, or the one that the browser
/// likes best.
struct PageLanguage: RouterMiddleware {
  private static let russian = MessageCatalogue(language: .russian, json: Texts.russian)

  /// What translates into a language; nil for English, in which everything is
  /// written.
  static func catalogue(_ language: Language) -> MessageCatalogue? {
    switch language {
    case .english: nil
    case .russian: russian
    }
  }

  func handle(
    _ request: Request, context: AppRequestContext, next: NextHandler
  ) async throws -> Response {
    let language =
      SiteCookie.language.value(in: request, context.site).flatMap { Language(rawValue: $0) }
      ?? Language.preferred(by: request.headers[.acceptLanguage] ?? "")
    var response = try await MessageCatalogue.$current.withValue(Self.catalogue(language)) {
      try await next(request, context)
    }
    if response.isPage {
      if response.headers[.contentLanguage] == nil {
        response.headers[.contentLanguage] = language.rawValue
      }
      response.headers.append(HTTPField(name: .vary, value: "Accept-Language"))
    }
    return response
  }

  /// The same once it is known who asks.
  ///
  /// - Parameter code: what their account says; nil when it says nothing.
  static func choosing(
    _ code: String?, _ answer: () async throws -> Response
  ) async throws -> Response {
    guard let language = code.flatMap({ Language(rawValue: $0) }) else {
      return try await answer()
    }
    var response = try await MessageCatalogue.$current.withValue(catalogue(language)) {
      try await answer()
    }
    if response.isPage { response.headers[.contentLanguage] = language.rawValue }
    return response
  }
}

/// Lets somebody choose a language, for this browser and for their account.
struct LanguagePages: Sendable {
  let accounts: Accounts

  /// How long the choice holds, in seconds: a year.
  private static let memory = 31_536_000

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.post("language", use: choose)
  }

  @Sendable func choose(request: Request, context: AppRequestContext) async throws -> Response {
    guard let language = Language(rawValue: context.form.string("language")) else {
      throw HTTPError(.badRequest)
    }
    if let person = context.session?.principal {
      do {
        try await accounts.chooseLanguage(language.rawValue, as: person)
      } catch {
        // This browser keeps it all the same.
        context.logger.warning(
          "the account doesn't keep the language", metadata: ["cause": "\(error)"])
      }
    }
    var response = Redirect(to: back(request, context)).response(in: context)
    SiteCookie.language.set(
      language.rawValue, maxAge: Self.memory, on: &response, context.site)
    return response
  }

  /// The page where it was chosen. A page that a form's answer is can't be asked
  /// for again, so that leads to where the way back from it leads.
  private func back(_ request: Request, _ context: AppRequestContext) -> Link {
    let origin = context.origin
    guard let referrer = request.headers[.referer], referrer.hasPrefix(origin + "/"),
      let path = LocalPath(String(referrer.dropFirst(origin.count)))
    else { return Link(path: "/") }
    return path.link
  }
}

extension PageChrome {
  /// A language in the footer.
  struct LanguageChoice: Sendable {
    let code: String
    let name: String
    let isCurrent: Bool
  }

  /// The language that the page is in, for `lang`.
  var language: String { current.rawValue }

  var languages: [LanguageChoice] {
    Language.allCases.map {
      LanguageChoice(code: $0.rawValue, name: $0.name, isCurrent: $0 == current)
    }
  }

  private var current: Language { MessageCatalogue.language }
}
