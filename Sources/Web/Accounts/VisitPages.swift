import Domain
import Hummingbird

/// Looking around without an account.
struct VisitPages: Sendable {
  let accounts: Accounts

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.post("visit", use: visit)
  }

  @Sendable func visit(request: Request, context: AppRequestContext) async throws -> Response {
    // Whoever is somebody already stays that one.
    guard context.session == nil else { return Redirect(to: Paths.projects).response(in: context) }
    do throws(DomainError) {
      let visitor = try await accounts.lookAround(from: context.client)
      return AccountPages.welcome(visitor, to: nil, context)
    } catch {
      guard error.reason == .forbidden || error.reason == .tooManyRequests else { throw error }
      let sentences = "\(error.message) \(error.advice)"
      return Redirect(to: Paths.login(), flash: .failure(sentences)).response(in: context)
    }
  }
}
