import Domain
import Hummingbird
import Templates

/// The page for a form whose token belongs to another session: what was typed
/// is still in it, and can be sent again once the person is who they were.
struct StaleFormPage: Sendable {
  /// A field as it was sent.
  struct Hidden: Sendable {
    let name: String
    let value: String
  }

  let chrome: PageChrome
  let action: Link
  let fields: [Hidden]
  /// For somebody who isn't signed in any more.
  let login: Link?
  let requestID: String

  /// Whether there is anything to send again. Passwords are never written into
  /// a page, so a form with one isn't kept.
  var isKept: Bool { !fields.isEmpty }

  init(_ request: Request, _ context: AppRequestContext) {
    chrome = context.chrome("Send it again")
    action = Link(path: request.uri.path)
    requestID = context.requestID
    login = context.visitor == nil ? Paths.login() : nil
    let fields = context.form.fields.filter { $0.name != FormToken.field }
    let hasPassword = fields.contains { $0.name.lowercased().contains("password") }
    self.fields = hasPassword ? [] : fields.map { Hidden(name: $0.name, value: $0.value) }
  }
}
