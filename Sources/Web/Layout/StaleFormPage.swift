import Domain
import Hummingbird
import Templates

/// The page for a form whose token belongs to another session: what was typed
/// is still in it, and can be sent again once the person is who they were.
struct StaleFormPage: Sendable {
  let chrome: PageChrome
  let action: Link
  /// The fields as they were sent.
  let fields: [HiddenField]
  /// For somebody who isn't signed in any more.
  let login: Link?
  let requestID: String
  /// Whether a secret was typed, which no page may show.
  let hasLostSecrets: Bool

  /// Whether there is anything to send again. Passwords are never written into
  /// a page, so a form with one isn't kept.
  var isKept: Bool { !fields.isEmpty }

  init(_ request: Request, _ context: AppRequestContext) {
    chrome = context.chrome("Send it again")
    action = Link(path: request.uri.path)
    requestID = context.requestID
    login = context.visitor == nil ? Paths.login() : nil
    let fields = context.form.fields.filter { $0.name != FormToken.field }
    let isSecret = { (name: String) in DeployForm.secretFields.contains(name) }
    let hasPassword = fields.contains {
      $0.name.lowercased().contains("password") && !isSecret($0.name)
    }
    hasLostSecrets = !hasPassword && fields.contains { isSecret($0.name) && !$0.value.isEmpty }
    self.fields =
      hasPassword
      ? [] : fields.map { HiddenField(name: $0.name, value: isSecret($0.name) ? "" : $0.value) }
  }
}
