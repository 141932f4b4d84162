import Domain

/// What the login page sends.
struct SignInForm: Sendable {
  let email: String
  let password: String
  /// Where to go after it; nil for the project list, or when the address is
  /// not one of ours.
  let next: LocalPath?

  init(_ form: FormBody) {
    email = form.string("email")
    password = form.raw("password")
    next = LocalPath(form.string("next"))
  }

  /// An empty form.
  init(next: LocalPath?) {
    email = ""
    password = ""
    self.next = next
  }
}

/// What the registration page sends.
struct RegistrationForm: Sendable {
  var name = ""
  var email = ""
  var password = ""
  var setupCode = ""

  init() {}

  init(_ form: FormBody) {
    name = form.string("name")
    email = form.string("email")
    password = form.raw("password")
    setupCode = form.string("setupCode")
  }

  var registration: Registration {
    Registration(email: email, name: name, password: password, setupCode: setupCode)
  }
}
