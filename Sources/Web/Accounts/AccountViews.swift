import Domain

/// The login page.
struct LoginPage: Sendable {
  let chrome: PageChrome
  let errors: FormErrors?
  let next: String?
  let email: Field
  let password: Field

  init(chrome: PageChrome, form: SignInForm, error: DomainError? = nil) {
    self.chrome = chrome
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

  init(
    chrome: PageChrome, state: RegistrationState, form: RegistrationForm,
    error: DomainError? = nil
  ) {
    self.chrome = chrome
    let known = ["name", "email", "password"] + (state.needsSetupCode ? ["setupCode"] : [])
    let errors = error.map { FormErrors($0, fields: known) }
    self.errors = errors
    becomesAdmin = state.firstUserBecomesAdmin
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
        autocomplete: "off", placeholder: "XXXX-XXXX") : nil
  }
}

/// What somebody who is not signed in sees first.
struct LandingPage: Sendable {
  let chrome: PageChrome
}
