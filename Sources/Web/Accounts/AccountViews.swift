import Domain
import Templates

/// The login page.
struct LoginPage: Sendable {
  let chrome: PageChrome
  let errors: FormErrors?
  let next: String?
  let email: Field
  let password: Field
  /// Carried on so that the password connects the accounts; nil for a plain
  /// login.
  let link: String?
  let signOn: SignOnButton?

  /// - Parameter signOn: what else people sign in with; nil for nothing.
  init(
    chrome: PageChrome, form: SignInForm, error: DomainError? = nil, signOn: String? = nil
  ) {
    self.chrome = chrome
    link = form.link.isEmpty ? nil : form.link
    self.signOn = signOn.map { SignOnButton(name: $0, link: Paths.signOn(next: form.next)) }
    let errors = error.map { FormErrors($0, fields: ["email", "password"]) }
    self.errors = errors
    next = form.next?.text
    email = Field(
      "email", label: "E-mail", value: form.email, type: "email", error: errors?["email"],
      autocomplete: "username", inputMode: "email", maximumLength: 254)
    password = Field(
      "password", label: "Password", type: "password", error: errors?["password"],
      autocomplete: "current-password")
  }
}

/// The way to an OpenID provider.
struct SignOnButton: Sendable {
  let name: String
  let link: Link
}

/// The registration page.
struct RegisterPage: Sendable {
  let chrome: PageChrome
  let errors: FormErrors?
  let becomesAdmin: Bool
  let name: Field
  let email: Field
  let password: Field
  /// Only while there is no admin.
  let setupCode: Field?
  /// Whether people may register by themselves.
  let isOpen: Bool

  init(
    chrome: PageChrome, state: RegistrationState, form: RegistrationForm,
    error: DomainError? = nil
  ) {
    self.chrome = chrome
    let known = ["name", "email", "password"] + (state.needsSetupCode ? ["setupCode"] : [])
    let errors = error.map { FormErrors($0, fields: known) }
    self.errors = errors
    becomesAdmin = state.firstUserBecomesAdmin
    isOpen = state.isOpen
    name = Field(
      "name", label: "Name", value: form.name, error: errors?["name"], autocomplete: "name",
      maximumLength: 100)
    email = Field(
      "email", label: "E-mail", value: form.email, type: "email", error: errors?["email"],
      autocomplete: "username", inputMode: "email", maximumLength: 254)
    password = Field(
      "password", label: "Password", type: "password", hint: "At least 10 characters.",
      error: errors?["password"], autocomplete: "new-password")
    setupCode =
      state.needsSetupCode
      ? Field(
        "setupCode", label: "Setup code", value: form.setupCode,
        hint: "The server printed it when it started.", error: errors?["setupCode"],
        autocomplete: "off", placeholder: "AB23-CD45") : nil
  }
}

/// What somebody who is not signed in sees first.
struct LandingPage: Sendable {
  let chrome: PageChrome
}
