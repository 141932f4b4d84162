import Hummingbird
import Templates

/// All pieces of pages beside each other, for who works on them. Only a server
/// with the sandbox has it: nothing on it is anybody's, and nobody else needs it.
struct StyleguidePages: Sendable {
  func addRoutes(to pages: some RouterMethods<AppRequestContext>) {
    pages.get("styleguide", use: show)
  }

  @Sendable func show(request: Request, context: AppRequestContext) -> Page {
    Page(Template.Styleguide.styleguide(StyleguidePage(chrome: context.chrome("Style guide"))))
  }
}
